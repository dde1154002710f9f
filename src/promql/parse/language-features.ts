import { functions } from './functions.ts';
import { type ParseOptions } from './token-reader.ts';
import * as T from './token.ts';

/** Which words the parser takes, by the categories of `/api/v1/features`. */
export interface LanguageFeatures {
  readonly promql: Readonly<Record<string, boolean>>;
  readonly promql_operators: Readonly<Record<string, boolean>>;
  readonly promql_functions: Readonly<Record<string, boolean>>;
}

/**
 * The parser's part of the feature list; what the engine can do besides is not in it.
 *
 * @see Prometheus `promql/parser/features.go` (3.14)
 */
export function languageFeatures(options: ParseOptions = {}): LanguageFeatures {
  const experimental = options.enableExperimentalFunctions === true;
  const words = (from: number, to: number, isOn: (kind: number) => boolean): [string, boolean][] =>
    T.spelling.slice(from, to + 1).map((word, i) => [word, isOn(from + i)]);
  const keyword = (kind: number): boolean => {
    if (kind === T.ANCHORED || kind === T.SMOOTHED) return options.enableExtendedRangeSelectors === true;
    if (kind >= T.FILL && kind <= T.FILL_RIGHT) return options.enableBinopFillModifiers === true;
    return true;
  };
  return {
    promql: Object.fromEntries([...words(T.BOOL, T.SMOOTHED, keyword), ['duration_expr', true]]),
    promql_operators: Object.fromEntries([
      ...words(T.EQL_REGEX, T.LUNLESS, () => true),
      ...words(T.SUM, T.LIMIT_RATIO, (kind) => kind < T.LIMITK || experimental),
    ]),
    promql_functions: Object.fromEntries([...functions.values()].map((f) => [f.name, !f.experimental || experimental])),
  };
}
