import { type Labels, parseDuration, quoteGo } from '../../model/index.ts';
import { ParseError } from '../parse/parse-error.ts';
import { MAX_VALUES } from './sequence.ts';
import { parseMetric } from './series-description.ts';

/** Whether a line of a `load` gives start times: `metric{labels}@st _ -30s-1mx2`. */
export function isStartTimeLine(line: string): boolean {
  return /^\S*@st\s/.test(line);
}

/**
 * A line of start times, as ms relative to the time of the sample in the same place of the line that follows.
 *
 * @throws {ParseError}
 * @see Prometheus `promql/promqltest/test.go`, parseSTLine (3.14)
 */
export function parseStartTimes(line: string): { labels: Labels; offsets: (number | undefined)[] } {
  const [, metric, items] = /^(\S*)@st\s+(.*)$/.exec(line)!;
  const labels = parseMetric(metric!);
  const offsets: (number | undefined)[] = [];
  for (const item of items!.split(/\s+/).filter((text) => text !== '')) {
    const { first, step, count } = parseItem(line, item);
    if (offsets.length + count > MAX_VALUES) fail(line, `more than ${MAX_VALUES} start times`);
    for (let i = 0; i < count; i++) offsets.push(first === undefined ? undefined : first + i * step);
  }
  return { labels, offsets };
}

const itemPattern = /^([+-]?[0-9]+(?:[a-wyz]+)?)(?:([+-])([0-9]+(?:[a-wyz]+)?))?(?:x([0-9]{1,15}))?$/;

function parseItem(line: string, item: string): { first: number | undefined; step: number; count: number } {
  const omitted = /^_(?:x([1-9][0-9]{0,14}))?$/.exec(item);
  if (omitted !== null) return { first: undefined, step: 0, count: Number(omitted[1] ?? 1) };
  const [, base, sign, delta, times] = itemPattern.exec(item) ?? fail(line, `invalid start time ${quoteGo(item)}`);
  if (sign !== undefined && times === undefined) fail(line, `expected "x<count>" behind the step of ${quoteGo(item)}`);
  const first = offsetMs(line, base!);
  const step = delta === undefined ? 0 : offsetMs(line, sign! + delta);
  // One more than the count: the first stands for time 0.
  return { first, step, count: times === undefined ? 1 : Number(times) + 1 };
}

function offsetMs(line: string, text: string): number {
  const ms = parseDuration(text.replace(/^[+-]/, ''));
  if (ms === undefined) return fail(line, `invalid duration ${quoteGo(text)}`);
  return text.startsWith('-') ? -ms : ms;
}

function fail(line: string, message: string): never {
  throw new ParseError(line, [{ message, pos: { start: 0, end: Buffer.byteLength(line) } }]);
}
