import type { ListNode } from './ast.ts';
import { builtins, escapeHtml, type TemplateFunction } from './builtins.ts';
import { execute } from './execute.ts';
import { parse } from './parse.ts';
import { printValue } from './printf.ts';
import { SafeHtml, type Value } from './value.ts';

export { escapeHtml, escapeQuery, type TemplateFunction } from './builtins.ts';
export { TemplateError } from './errors.ts';
export { formatFloat } from './float-format.ts';
export { printValue, sprintf } from './printf.ts';
export { isTruthy, SafeHtml, StringMap, typeName, type Value } from './value.ts';

export interface TemplateOptions {
  /** Functions besides Go's own. */
  readonly functions?: ReadonlyMap<string, TemplateFunction>;
  /** Escapes what is printed as text of an HTML element. */
  readonly html?: boolean;
  /** Most characters a template may give; default 1 Mi. */
  readonly maxOutput?: number;
}

const MAX_OUTPUT = 1 << 20;

/** A template in Go's `text/template` language, parsed once and executed as often as wanted. */
export class Template {
  readonly name: string;
  readonly #source: string;
  readonly #templates: ReadonlyMap<string, ListNode>;
  readonly #options: TemplateOptions;

  /** @throws {TemplateError} when the source is not a template, or calls a function that does not exist */
  constructor(name: string, source: string, options: TemplateOptions = {}) {
    this.name = name;
    this.#source = source;
    this.#options = options;
    const functions = options.functions ?? new Map<string, TemplateFunction>();
    const isKnown = (fn: string) => fn === 'and' || fn === 'or' || builtins.has(fn) || functions.has(fn);
    this.#templates = parse(name, source, isKnown);
  }

  /** Names of the templates the source defines, its own among them. */
  get defined(): readonly string[] {
    return [...this.#templates.keys()];
  }

  /**
   * The text for `data`, of the source itself or of a template it defines.
   *
   * @throws {TemplateError}
   */
  async execute(data: Value, template: string = this.name): Promise<string> {
    const escape = (value: Value) => (value instanceof SafeHtml ? value.html : escapeHtml(printValue(value)));
    return execute(
      {
        name: this.name,
        source: this.#source,
        templates: this.#templates,
        functions: this.#options.functions ?? new Map<string, TemplateFunction>(),
        escape: this.#options.html ? escape : undefined,
        maxOutput: this.#options.maxOutput ?? MAX_OUTPUT,
      },
      template,
      data,
    );
  }
}
