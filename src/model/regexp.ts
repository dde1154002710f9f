import { RE2JS } from 're2js';

/** A pattern that RE2 does not accept; the message is worded as Go's `regexp/syntax` words it. */
export class RegexpError extends Error {
  override readonly name = 'RegexpError';
}

/**
 * A label pattern: RE2 syntax, linear time, fully anchored, `.` matches newline — as Prometheus 3 matches labels.
 *
 * @see Prometheus `model/labels/regexp.go`, FastRegexMatcher
 */
export class LabelRegexp {
  readonly source: string;
  readonly #compiled: RE2JS;

  private constructor(source: string, compiled: RE2JS) {
    this.source = source;
    this.#compiled = compiled;
  }

  /** @throws {RegexpError} when the pattern is not valid RE2 */
  static compile(source: string): LabelRegexp {
    try {
      return new LabelRegexp(source, RE2JS.compile(source, RE2JS.DOTALL));
    } catch (error) {
      throw new RegexpError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  matches(value: string): boolean {
    return this.#compiled.testExact(value);
  }

  /** The finite set of strings the pattern stands for (`a|b|c`), or `undefined`: lets an index look values up. */
  get setMatches(): readonly string[] | undefined {
    return undefined;
  }

  /** A literal every match starts with; `''` where there is none. */
  get prefix(): string {
    return '';
  }
}
