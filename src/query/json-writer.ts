import { apiBuckets, formatFloatPlain, type FloatHistogram, type Labels } from '../model/index.ts';
import { JsonBuffer, writeTimestamp } from './json-buffer.ts';
import { writeAscii } from './json-digits.ts';
import { writeFloat } from './json-float.ts';
import type { MatrixResult, QueryResult, SampleSeries } from '../promql/index.ts';

type StepGrid = MatrixResult['grid'];

/** What is read of a column of `src/promql`; `kinds[i]` says whether step i has a float, a histogram or nothing. */
export interface StepColumn {
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

type ValueOf<R> = R extends unknown ? Omit<R, 'warnings' | 'infos' | 'stats'> : never;

/** A result without what stands beside its value. */
export type QueryValue =
  | ValueOf<Exclude<QueryResult, MatrixResult>>
  | {
      readonly type: 'matrix';
      readonly grid: StepGrid;
      readonly series: readonly { readonly labels: Labels; readonly column: StepColumn }[];
    };
type Value<T extends QueryValue['type']> = Extract<QueryValue, { type: T }>;

/** `StepColumn.kinds[i]`, as in `src/promql`. */
const FLOAT = 1;
const HISTOGRAM = 2;

/** What stands beside the result in an answer. */
export interface AnswerExtras {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Ready-made JSON-able statistics; absent: none were asked for. */
  readonly stats?: unknown;
}

/** Points of one series written before finished pieces are handed out: bounds memory also where points are histograms. */
const POINTS_PER_TURN = 512;
/** `,[` time `,"` value `"]`: 32 bytes each for time and value, and what stands around them. */
const POINT_BYTES = 72;

/**
 * The answer to a query in Prometheus's envelope, piece by piece: while one piece is on its way the next is not made yet, so memory
 * stays bounded however long the answer.
 *
 * @param limit most series to write, 0 for all; what is left out is said in a warning
 */
export function* encodeAnswer(value: QueryValue, extras: AnswerExtras, limit = 0): Generator<Buffer> {
  const out = new JsonBuffer();
  out.ascii(`{"status":"success","data":{"resultType":"${resultType(value)}","result":`);
  const isTruncated = yield* encodeValue(out, value, limit);
  if (extras.stats !== undefined) {
    out.ascii(',"stats":');
    out.value(extras.stats);
  }
  out.ascii('}');
  writeTexts(out, 'warnings', isTruncated ? [...extras.warnings, TRUNCATED] : extras.warnings);
  writeTexts(out, 'infos', extras.infos);
  out.ascii('}');
  yield* out.take(true);
}

/** The warning about results left out. */
export const TRUNCATED = 'results truncated due to limit';

function resultType(value: QueryValue): string {
  return value.type === 'samples' ? 'matrix' : value.type;
}

/** @returns whether something was left out */
function* encodeValue(out: JsonBuffer, value: QueryValue, limit: number): Generator<Buffer, boolean> {
  switch (value.type) {
    case 'scalar':
      // Unlike samples, scalars never have an exponent.
      out.ascii(`[${value.tsMs / 1000},"${formatFloatPlain(value.value)}"]`);
      return false;
    case 'string':
      out.ascii(`[${value.tsMs / 1000},`);
      out.value(value.value);
      out.ascii(']');
      return false;
    case 'vector':
      return yield* encodeVector(out, value, limit);
    case 'matrix':
      return yield* encodeMatrix(out, value, limit);
    case 'samples':
      return yield* encodeSamples(out, value, limit);
  }
}

function* encodeVector(out: JsonBuffer, vector: Value<'vector'>, limit: number): Generator<Buffer, boolean> {
  const { labels, values, histograms, tsMs } = vector;
  const count = limit > 0 ? Math.min(limit, labels.length) : labels.length;
  out.ascii('[');
  for (let i = 0; i < count; i++) {
    const histogram = histograms?.[i];
    out.ascii(i === 0 ? '{"metric":' : ',{"metric":');
    writeLabels(out, labels[i]!);
    out.ascii(histogram === undefined ? ',"value":[' : ',"histogram":[');
    out.timestamp(tsMs);
    out.ascii(',');
    if (histogram === undefined) out.quotedFloat(values[i]!);
    else writeHistogram(out, histogram);
    out.ascii(']}');
    if (out.hasFull) yield* out.take();
  }
  out.ascii(']');
  return count < labels.length;
}

function* encodeMatrix(out: JsonBuffer, matrix: Value<'matrix'>, limit: number): Generator<Buffer, boolean> {
  const { grid, series } = matrix;
  const count = limit > 0 ? Math.min(limit, series.length) : series.length;
  const stamps = renderStamps(grid);
  out.ascii('[');
  for (let i = 0; i < count; i++) {
    const { labels, column } = series[i]!;
    out.ascii(i === 0 ? '{"metric":' : ',{"metric":');
    writeLabels(out, labels);
    yield* encodeStepFloats(out, column, stamps);
    if (column.histograms !== undefined) yield* encodeStepHistograms(out, column, column.histograms, grid);
    out.ascii('}');
  }
  out.ascii(']');
  return count < series.length;
}

function* encodeStepFloats(out: JsonBuffer, column: StepColumn, stamps: Stamps): Generator<Buffer, void> {
  const { kinds } = column;
  const first = kinds.indexOf(FLOAT);
  if (first < 0) return;
  out.ascii(',"values":[');
  // No comma before the first point.
  const isFirst = { value: true };
  for (let from = first; from < kinds.length; from += POINTS_PER_TURN) {
    writeStepFloats(out, column, stamps, from, Math.min(kinds.length, from + POINTS_PER_TURN), isFirst);
    if (out.hasFull) yield* out.take();
  }
  out.ascii(']');
}

function* encodeStepHistograms(
  out: JsonBuffer,
  column: StepColumn,
  histograms: readonly (FloatHistogram | undefined)[],
  { startMs, stepMs }: StepGrid,
): Generator<Buffer, void> {
  let open = ',"histograms":[[';
  for (let step = 0; step < column.kinds.length; step++) {
    if (column.kinds[step] !== HISTOGRAM) continue;
    out.ascii(open);
    open = ',[';
    out.timestamp(startMs + step * stepMs);
    out.ascii(',');
    writeHistogram(out, histograms[step]!);
    out.ascii(']');
    if (out.hasFull) yield* out.take();
  }
  if (open === ',[') out.ascii(']');
}

/** `,[1435781430.781,"` for each step, rendered once; step i is `bytes[ends[i] … ends[i + 1])`. */
interface Stamps {
  readonly bytes: Buffer;
  readonly ends: Uint32Array;
}

function renderStamps({ startMs, stepMs, steps }: StepGrid): Stamps {
  const bytes = Buffer.allocUnsafe(steps * 40);
  const ends = new Uint32Array(steps + 1);
  let at = 0;
  for (let i = 0; i < steps; i++) {
    at = writeAscii(bytes, at, ',[');
    at = writeTimestamp(bytes, at, startMs + i * stepMs);
    at = writeAscii(bytes, at, ',"');
    ends[i + 1] = at;
  }
  return { bytes, ends };
}

function writeStepFloats(
  out: JsonBuffer,
  column: StepColumn,
  stamps: Stamps,
  from: number,
  to: number,
  isFirst: { value: boolean },
): void {
  out.reserve((to - from) * POINT_BYTES);
  const { kinds, values } = column;
  const { bytes: stampBytes, ends } = stamps;
  const { bytes } = out;
  let { at } = out;
  for (let i = from; i < to; i++) {
    if (kinds[i] !== FLOAT) continue;
    let s = ends[i]!;
    if (isFirst.value) {
      isFirst.value = false;
      s++;
    }
    const end = ends[i + 1]!;
    while (s < end) bytes[at++] = stampBytes[s++]!;
    at = writeFloat(bytes, at, values[i]!);
    bytes[at++] = 0x22;
    bytes[at++] = 0x5d;
  }
  out.at = at;
}

function* encodeSamples(out: JsonBuffer, value: Value<'samples'>, limit: number): Generator<Buffer, boolean> {
  const { series } = value;
  const count = limit > 0 ? Math.min(limit, series.length) : series.length;
  out.ascii('[');
  for (let i = 0; i < count; i++) {
    const samples = series[i]!;
    out.ascii(i === 0 ? '{"metric":' : ',{"metric":');
    writeLabels(out, samples.labels);
    yield* encodeSampleFloats(out, samples);
    if (samples.histograms !== undefined) yield* encodeSampleHistograms(out, samples, samples.histograms);
    out.ascii('}');
  }
  out.ascii(']');
  return count < series.length;
}

function* encodeSampleFloats(out: JsonBuffer, { t, values, histograms }: SampleSeries): Generator<Buffer, void> {
  let open = ',"values":[[';
  for (let i = 0; i < t.length; i++) {
    if (histograms?.[i] !== undefined) continue;
    out.reserve(POINT_BYTES + open.length);
    out.at = writeAscii(out.bytes, out.at, open);
    open = ',[';
    out.at = writeTimestamp(out.bytes, out.at, t[i]!);
    out.at = writeAscii(out.bytes, out.at, ',"');
    out.at = writeFloat(out.bytes, out.at, values[i]!);
    out.at = writeAscii(out.bytes, out.at, '"]');
    if (out.hasFull) yield* out.take();
  }
  if (open === ',[') out.ascii(']');
}

function* encodeSampleHistograms(
  out: JsonBuffer,
  { t }: SampleSeries,
  histograms: readonly (FloatHistogram | undefined)[],
): Generator<Buffer, void> {
  let open = ',"histograms":[[';
  for (let i = 0; i < t.length; i++) {
    const histogram = histograms[i];
    if (histogram === undefined) continue;
    out.ascii(open);
    open = ',[';
    out.timestamp(t[i]!);
    out.ascii(',');
    writeHistogram(out, histogram);
    out.ascii(']');
    if (out.hasFull) yield* out.take();
  }
  if (open === ',[') out.ascii(']');
}

/** `{"count":"3","sum":"4.5","buckets":[[0,"1","2","3"]]}`; empty buckets are left out. */
function writeHistogram(out: JsonBuffer, histogram: FloatHistogram): void {
  out.ascii('{"count":');
  out.quotedFloat(histogram.count);
  out.ascii(',"sum":');
  out.quotedFloat(histogram.sum);
  let open = ',"buckets":[[';
  for (const [rule, lower, upper, count] of apiBuckets(histogram)) {
    if (count === 0) continue;
    out.ascii(`${open}${rule},`);
    open = ',[';
    out.quotedFloat(lower);
    out.ascii(',');
    out.quotedFloat(upper);
    out.ascii(',');
    out.quotedFloat(count);
    out.ascii(']');
  }
  out.ascii(open === ',[' ? ']}' : '}');
}

/** A label set as a JSON object. */
function writeLabels(out: JsonBuffer, labels: Labels): void {
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    out.ascii(i === 0 ? '{' : ',');
    out.string(pairs[i]!);
    out.ascii(':');
    out.string(pairs[i + 1]!);
  }
  out.ascii(pairs.length === 0 ? '{}' : '}');
}

function writeTexts(out: JsonBuffer, name: string, texts: readonly string[]): void {
  if (texts.length === 0) return;
  out.ascii(`,"${name}":`);
  out.value(texts);
}

/** A list of label sets in Prometheus's envelope, piece by piece: for `series`, where a list can be long. */
export function* encodeLabelSets(sets: Iterable<Labels>, warnings: readonly string[]): Generator<Buffer> {
  const out = new JsonBuffer();
  out.ascii('{"status":"success","data":[');
  let isFirst = true;
  for (const labels of sets) {
    if (!isFirst) out.ascii(',');
    isFirst = false;
    writeLabels(out, labels);
    if (out.hasFull) yield* out.take();
  }
  out.ascii(']');
  writeTexts(out, 'warnings', warnings);
  out.ascii('}');
  yield* out.take(true);
}
