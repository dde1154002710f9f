import { Matcher, parseDuration as parsePromDuration, parseFloatGo, quoteGo } from '../model/index.ts';
import { parseMetricSelector, type ParseOptions } from '../promql/index.ts';
import { ApiError, invalidParameter, type Params } from '../web/index.ts';

/** The earliest and latest times, ms: what `start` and `end` mean when they are left out. */
export const MIN_TIME = Number.MIN_SAFE_INTEGER;
export const MAX_TIME = Number.MAX_SAFE_INTEGER;

/** Go's texts of the times its clients mean by "ever". */
const boundaries: ReadonlyMap<string, number> = new Map([
  ['-292273086-05-16T16:47:06Z', MIN_TIME],
  ['292277025-08-18T07:12:54.999999999Z', MAX_TIME],
]);

/**
 * Milliseconds of a time parameter: float seconds since the epoch, rounded to ms, or RFC 3339.
 *
 * @throws {Error} worded as Prometheus does
 * @see Prometheus `web/api/v1/api.go`, parseTime
 */
export function parseTime(text: string): number {
  const seconds = parseFloatGo(text);
  if (seconds !== undefined && Number.isFinite(seconds)) {
    const whole = Math.trunc(seconds);
    const ms = whole * 1000 + Math.round((seconds - whole) * 1000);
    return Math.min(MAX_TIME, Math.max(MIN_TIME, ms));
  }
  const ms = boundaries.get(text) ?? parseRfc3339(text);
  if (ms === undefined) throw new Error(`cannot parse ${quoteGo(text)} to a valid timestamp`);
  return ms;
}

// Go takes an hour of one digit, too.
const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

function parseRfc3339(text: string): number | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [, , , , , , , fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  if (hour > 23 || minute > 59 || second > 59 || Number(offsetHours) > 23 || Number(offsetMinutes) > 59)
    return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  // 30 February would have become a day in March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return date.getTime() + ms - offsetMs;
}

/** Go's int64 nanoseconds, in ms. */
const LONGEST_MS = 9_223_372_036_854.775;

/**
 * Milliseconds of a duration parameter: float seconds or `1h30m`. May have fractions and be negative, as in Prometheus.
 *
 * @throws {Error} worded as Prometheus does
 */
export function parseDuration(text: string): number {
  const seconds = parseFloatGo(text);
  if (seconds !== undefined && !Number.isNaN(seconds)) {
    const ms = seconds * 1000;
    if (Math.abs(ms) > LONGEST_MS) {
      throw new Error(`cannot parse ${quoteGo(text)} to a valid duration. It overflows int64`);
    }
    return ms;
  }
  const ms = parsePromDuration(text);
  if (ms === undefined) throw new Error(`cannot parse ${quoteGo(text)} to a valid duration`);
  return ms;
}

/** A required time. @throws {ApiError} */
export function timeParam(params: Params, name: string): number {
  return parameter(name, () => parseTime(params.get(name)));
}

/** A time that may be left out. @throws {ApiError} */
export function optionalTimeParam(params: Params, name: string, fallback: number): number {
  const text = params.get(name);
  if (text === '') return fallback;
  return parameter(name, () => reworded(`invalid time value for '${name}'`, () => parseTime(text)));
}

/** A duration in ms. @throws {ApiError} */
export function durationParam(params: Params, name: string): number {
  return parameter(name, () => parseDuration(params.get(name)));
}

/** `limit`: 0 for none. @throws {ApiError} */
export function limitParam(params: Params): number {
  const text = params.get('limit');
  if (text === '') return 0;
  return parameter('limit', () => {
    const limit = parseInteger(text, 'Atoi');
    if (limit < 0) throw new Error('limit must be non-negative');
    return limit;
  });
}

/** A limit for the storage: one more than is shown, so that a cut can be told from an end. */
export function hintLimit(limit: number): number {
  return limit === 0 ? 0 : limit + 1;
}

/** A whole number. @throws {Error} worded as Go's `strconv` does */
export function parseInteger(text: string, func: 'Atoi' | 'ParseInt', bits: 32 | 64 = 64): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.${func}: parsing ${quoteGo(text)}: invalid syntax`);
  const value = BigInt(text.replace(/^\+/, ''));
  if (BigInt.asIntN(bits, value) !== value) {
    throw new Error(`strconv.${func}: parsing ${quoteGo(text)}: value out of range`);
  }
  return Math.min(Number.MAX_SAFE_INTEGER, Number(value));
}

const trueTexts: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseTexts: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** @throws {Error} worded as Go's `strconv.ParseBool` does */
export function parseBool(text: string): boolean {
  if (trueTexts.has(text)) return true;
  if (falseTexts.has(text)) return false;
  throw new Error(`strconv.ParseBool: parsing ${quoteGo(text)}: invalid syntax`);
}

/** The matchers of a selector, ready to be used. @throws {ParseError} */
export function parseSelector(text: string, options: ParseOptions): readonly Matcher[] {
  return parseMetricSelector(text, options).map(({ type, name, value }) => new Matcher(type, name, value));
}

/**
 * The selectors of `match[]`: alternatives.
 *
 * @throws {ParseError} for what is no selector
 * @throws {Error} for one that selects everything
 */
export function parseSelectors(texts: readonly string[], options: ParseOptions): readonly (readonly Matcher[])[] {
  const sets = texts.map((text) => parseSelector(text, options));
  for (const matchers of sets) {
    if (matchers.every((matcher) => matcher.matchesEmpty)) {
      throw new Error('match[] must contain at least one non-empty matcher');
    }
  }
  return sets;
}

/** Runs a parser and puts words before what it says. */
export function reworded<T>(prefix: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${prefix}: ${(error as Error).message}`, { cause: error });
  }
}

/** Runs a parser of user's text: whatever it throws is the user's mistake. @throws {ApiError} */
export function badData<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ApiError('bad_data', (error as Error).message, { cause: error });
  }
}

/** The same, naming the parameter. @throws {ApiError} */
export function parameter<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw invalidParameter(name, (error as Error).message);
  }
}
