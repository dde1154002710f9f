/** One thing wrong with a configuration text: where it is, what it is, and what would have been right. */
export class ConfigError {
  readonly file: string;
  /** From 1; 0 when the trouble has no place in the text (a file that cannot be read). */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** The value's address in the document, such as `scrape_configs[2].relabel_configs[0].regex`; empty at the top. */
  readonly path: string;
  readonly message: string;
  /** What would have been accepted, when that can be said shortly. */
  readonly expected: string | undefined;

  constructor(fields: {
    file: string;
    line: number;
    column: number;
    path: string;
    message: string;
    expected?: string | undefined;
  }) {
    this.file = fields.file;
    this.line = fields.line;
    this.column = fields.column;
    this.path = fields.path;
    this.message = fields.message;
    this.expected = fields.expected;
  }

  /** `file:line:col: path: message (expected …)`, without the parts that are unknown. */
  toString(): string {
    const place = this.line > 0 ? `${this.file}:${this.line}:${this.column}` : this.file;
    const where = this.path === '' ? place : `${place}: ${this.path}`;
    const expected = this.expected === undefined ? '' : ` (expected ${this.expected})`;
    return `${where}: ${this.message}${expected}`;
  }
}

/** Thrown by the `must…` forms: a text that does not satisfy its schema, with everything found wrong. */
export class InvalidConfigError extends Error {
  readonly errors: readonly ConfigError[];

  constructor(errors: readonly ConfigError[]) {
    super(errors.map(String).join('\n'));
    this.name = 'InvalidConfigError';
    this.errors = errors;
  }
}
