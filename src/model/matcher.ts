import { isLegacyLabelName } from './labels.ts';
import { quoteGo } from './quote.ts';
import { LabelRegexp } from './regexp.ts';

export type MatchType = '=' | '!=' | '=~' | '!~';

/** One condition on one label. A missing label counts as `''`. */
export class Matcher {
  readonly type: MatchType;
  readonly name: string;
  readonly value: string;
  /** The compiled pattern of `=~` and `!~`. */
  readonly regexp: LabelRegexp | undefined;
  /** Whether a series without this label satisfies the matcher. */
  readonly matchesEmpty: boolean;

  /** @throws {RegexpError} when a pattern is not valid RE2 */
  constructor(type: MatchType, name: string, value: string) {
    this.type = type;
    this.name = name;
    this.value = value;
    this.regexp = type === '=~' || type === '!~' ? LabelRegexp.compile(value) : undefined;
    this.matchesEmpty = this.matches('');
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

  toString(): string {
    return `${isLegacyLabelName(this.name) ? this.name : quoteGo(this.name)}${this.type}${quoteGo(this.value)}`;
  }
}
