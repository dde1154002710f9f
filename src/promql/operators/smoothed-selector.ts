import type { FloatHistogram } from '../../model/histogram/index.ts';
import { copyHistogram, usesCustomBuckets } from '../../model/histogram/index.ts';
import type { Labels, SampleColumn } from '../../model/index.ts';
import { FLOAT, type Column, type StepGrid } from '../column.ts';
import { interpolate, interpolateHistograms } from '../functions/index.ts';
import type { VectorNode } from '../plan/node.ts';
import type { EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import type { Select } from './select.ts';
import { constantUsage, type Usage } from './usage.ts';
import { Windows } from './windows.ts';

/**
 * A `smoothed` instant selector: the value at the step, on the line between the samples around it, if these are within the lookback.
 * With no later sample the earlier one holds; with no earlier one there is no value.
 *
 * @see Prometheus `promql/engine.go` (3.14), smoothSeries
 */
export class SmoothedSelector implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly metricName: string | undefined;
  readonly readMatters = true;
  readonly #node: VectorNode;
  readonly #select: Select;
  readonly #context: EvaluationContext;
  readonly #windows: Windows;
  readonly #firstMs: number;
  readonly #strideMs: number;
  readonly #count = new OutputCount();

  constructor(node: VectorNode, select: Select, grid: StepGrid, context: EvaluationContext) {
    this.grid = grid;
    this.metricName = select.metricName;
    this.#node = node;
    this.#select = select;
    this.#context = context;
    this.#firstMs = (node.atMs ?? grid.startMs) - node.offsetMs;
    this.#strideMs = node.atMs === undefined ? grid.stepMs : 0;
    const { lookbackMs } = context.options;
    const shape = { firstLastMs: this.#firstMs + lookbackMs, strideMs: this.#strideMs, spanMs: 2 * lookbackMs };
    this.#windows = new Windows(grid.steps, shape, (i) => select.labels(i));
  }

  prepare(): Promise<void> {
    return this.#select.prepare();
  }

  advance(): boolean {
    return true;
  }

  get size(): number {
    return this.#select.series.length;
  }

  labels(i: number): Labels {
    return this.#select.labels(i);
  }

  dropsName(): boolean {
    return false;
  }

  read(i: number, out: Column): void {
    const samples: SampleColumn = this.#select.samples(i);
    const windows = this.#windows;
    windows.loadSamples(i, samples);
    out.clear();
    for (let step = 0; step < this.grid.steps; step++) this.#fill(windows, step, out);
    this.#count.add(i, out);
  }

  usage(): Usage {
    return { ...constantUsage(this.#count.samples), total: 0, read: 0 };
  }

  #fill(windows: Windows, step: number, out: Column): void {
    const { t, v, from, to, histograms } = windows;
    const at = this.#firstMs + step * this.#strideMs;
    const floats = to[step]! - from[step]!;
    const others = histograms === undefined ? 0 : histograms.to[step]! - histograms.from[step]!;
    if (floats > 0 && others > 0) {
      this.#context.annotations.mixedFloatsHistograms(windows.labels.metricName, this.#node.pos);
      return;
    }
    if (others > 0) {
      const { t: times, h, from: first, to: end } = histograms!;
      const next = firstAtOrAfter(times, first[step]!, end[step]!, at);
      const histogram = this.#between(windows, times, h, first[step]!, next, end[step]!, at);
      if (histogram !== undefined) out.setHistogram(step, histogram);
      return;
    }
    if (floats === 0) return;
    const next = firstAtOrAfter(t, from[step]!, to[step]!, at);
    const isExact = next < to[step]! && t[next] === at;
    if (!isExact && next === from[step]!) return;
    out.kinds[step] = FLOAT;
    if (isExact) out.values[step] = v[next]!;
    else if (next === to[step]!) out.values[step] = v[next - 1]!;
    else out.values[step] = interpolate(t[next - 1]!, v[next - 1]!, t[next]!, v[next]!, at, false);
  }

  /** The histogram at `at`, when `next` is the first of `first … end` not before it. */
  #between(
    windows: Windows,
    t: Float64Array,
    h: readonly FloatHistogram[],
    first: number,
    next: number,
    end: number,
    at: number,
  ): FloatHistogram | undefined {
    if (next < end && t[next] === at) return h[next];
    if (next === first) return undefined;
    const before = h[next - 1]!;
    if (next === end) {
      const held = copyHistogram(before);
      held.counterResetHint = 'unknown';
      return held;
    }
    const after = h[next]!;
    const { annotations } = this.#context;
    const { pos } = this.#node;
    const isCounter = before.counterResetHint !== 'gauge' || after.counterResetHint !== 'gauge';
    const mixed = usesCustomBuckets(before) !== usesCustomBuckets(after);
    const result = mixed ? undefined : interpolateHistograms(t[next - 1]!, before, t[next]!, after, at, isCounter);
    if (result?.histogram === undefined) {
      annotations.mixedExponentialCustomHistograms(windows.labels.metricName, pos);
      return undefined;
    }
    if (result.reconciledInSubtraction) annotations.mismatchedCustomBuckets('subtraction', pos);
    if (result.reconciledInAddition) annotations.mismatchedCustomBuckets('addition', pos);
    return result.histogram;
  }
}

/** Index of the first time not before `at` among `from … to` (exclusive), `to` when there is none. */
function firstAtOrAfter(t: Float64Array, from: number, to: number, at: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
