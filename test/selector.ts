import { Matcher, type MatchType } from '../src/model/index.ts';

/** `{a="b",c!~"d"}` as matchers: enough of a selector for tests of what only needs some. */
export function selector(text: string): Matcher[] {
  const body = /^\{(.*)\}$/s.exec(text)?.[1];
  if (body === undefined) throw new Error('expected {…}');
  return [...body.matchAll(/\s*([\w.]+)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"\s*(?:,|$)/g)].map(
    ([, name, type, value]) => new Matcher(type as MatchType, name!, JSON.parse(`"${value}"`) as string),
  );
}
