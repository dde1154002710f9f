import { quoteGo } from './quote.ts';
import { isLegacyLabelName } from './labels.ts';
import { LabelRegexp } from './regexp.ts';

export type MatchType = '=' | '!=' | '=~' | '!~';

/** One condition on one label. A missing label counts as `''`. */
export class Matcher {
  readonly type: MatchType;
  readonly name: string;
  readonly value: string;
  /** The compiled pattern of `=~` and `!~`. */
  readonly regexp: LabelRegexp | undefined;

  /** @throws {RegexpError} when a pattern is not valid RE2 */
  constructor(type: MatchType, name: string, value: string) {
    this.type = type;
    this.name = name;
    this.value = value;
    this.regexp = type === '=~' || type === '!~' ? LabelRegexp.compile(value) : undefined;
  }

  matches(value: string): boolean {
    switch (this.type) {
      case '=':
        return value === this.value;
      case '!=':
        return value !== this.value;
      case '=~':
        return this.regexp!.matches(value);
      case '!~':
        return !this.regexp!.matches(value);
    }
  }

  /** Whether a series without this label satisfies the matcher. */
  get matchesEmpty(): boolean {
    return this.matches('');
  }

  toString(): string {
    return `${isLegacyLabelName(this.name) ? this.name : quoteGo(this.name)}${this.type}${quoteGo(this.value)}`;
  }
}
