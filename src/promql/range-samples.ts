import type { FloatHistogram } from '../model/histogram/index.ts';
import type { SampleColumn } from '../model/index.ts';
import { histogramSamples } from './column.ts';
import { executionError } from './errors.ts';
import { interpolate } from './functions/index.ts';
import type { MatrixNode } from './plan/node.ts';
import type { SampleSeries } from './result.ts';

/** A series of a range vector that is itself the result. */
export interface RangeSamples extends Omit<SampleSeries, 'labels'> {
  readonly sampleCount: number;
}

/**
 * What a range selector that is itself the query yields for one series: the samples in the window, staleness markers left out;
 * undefined when there are none. `anchored` and `smoothed` put a sample on each edge of the window.
 *
 * @throws {QueryError} for histograms under `anchored` and `smoothed`
 * @see Prometheus `promql/engine.go` (3.14), matrixSelector and extendFloats
 */
export function rangeSamples(
  node: MatrixNode,
  samples: SampleColumn,
  stepMs: number,
  lookbackMs: number,
): RangeSamples | undefined {
  const { extension } = node;
  const to = (node.atMs ?? stepMs) - node.offsetMs;
  const from = to - node.rangeMs;
  const first = from - (extension === undefined ? 0 : lookbackMs);
  const last = to + (extension === 'smoothed' ? lookbackMs : 0);
  const t: number[] = [];
  const v: number[] = [];
  let histograms: (FloatHistogram | undefined)[] | undefined;
  let sampleCount = 0;
  for (let i = 0; i < samples.length; i++) {
    const at = samples.t[i]!;
    if (at <= first || at > last || samples.stale[i] === 1) continue;
    const histogram = samples.histograms?.[i];
    if (histogram !== undefined && extension !== undefined) {
      throw executionError(`${extension} modifier is not supported with histograms`);
    }
    const index = t.push(at) - 1;
    v.push(samples.v[i]!);
    if (histogram !== undefined) (histograms ??= [])[index] = histogram;
    sampleCount += histogram === undefined ? 1 : histogramSamples(histogram);
  }
  if (t.length === 0) return undefined;
  if (extension === undefined) return finished(t, v, histograms, sampleCount);
  return extended(t, v, from, to, extension === 'smoothed');
}

/** The floats in the window with one more on each edge: the sample to start from, or what lies on the line across the edge. */
function extended(t: number[], v: number[], from: number, to: number, smoothed: boolean): RangeSamples | undefined {
  const end = t.length - 1;
  const after = t.findIndex((at) => at > from);
  let first = Math.max(0, (after < 0 ? end : Math.min(after, end)) - 1);
  let last = end;
  if (smoothed) {
    const reached = t.findIndex((at) => at >= to);
    last = reached < 0 ? end : Math.min(reached, end);
  }
  if (t[last]! <= from) return undefined;
  const left =
    smoothed && t[first]! < from
      ? interpolate(t[first]!, v[first]!, t[first + 1]!, v[first + 1]!, from, false)
      : v[first]!;
  const right =
    smoothed && last > 0 && t[last]! > to
      ? interpolate(t[last - 1]!, v[last - 1]!, t[last]!, v[last]!, to, false)
      : v[last]!;
  if (t[first]! <= from) first++;
  if (t[last]! >= to) last--;
  const times = [from, ...t.slice(first, last + 1), to];
  return finished(times, [left, ...v.slice(first, last + 1), right], undefined, times.length);
}

function finished(
  t: number[],
  v: number[],
  histograms: (FloatHistogram | undefined)[] | undefined,
  sampleCount: number,
): RangeSamples {
  return { t: Float64Array.from(t), values: Float64Array.from(v), histograms, sampleCount };
}
