import type { Labels } from '../../model/index.ts';
import { FLOAT, HISTOGRAM, Column, type StepGrid } from '../column.ts';
import type { AggregateNode } from '../plan/node.ts';
import type { EvaluationContext } from './context.ts';
import { groupSeries } from './grouping.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { selectionSizes } from './selection-parameter.ts';
import { UnreadSeries } from './unread.ts';
import { aggregateUsage, type Usage } from './usage.ts';
import { ValueHeaps } from './value-heap.ts';

/**
 * `topk` and `bottomk`: at each step the k largest or smallest samples of each group, under their own labels.
 *
 * One pass over the input keeps k samples per group and step; the output series are those that have been among them. An instant
 * query gets them best first; for several steps there is no such order.
 */
export class TopK implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #node: AggregateNode;
  readonly #input: VectorOperator;
  readonly #param: ScalarOperator;
  readonly #context: EvaluationContext;
  readonly #scratch: Column;
  readonly #unread: UnreadSeries;
  #sizes: Float64Array | undefined;
  #groupOf = new Uint32Array(0);
  #heaps: ValueHeaps | undefined;
  #next = 0;
  /** Groups in the order of their first sample; `#seen[group]` once it has one. */
  readonly #groupOrder: number[] = [];
  #seen = new Uint8Array(0);
  #output: SelectedSamples | undefined;

  constructor(node: AggregateNode, input: VectorOperator, param: ScalarOperator, context: EvaluationContext) {
    this.grid = input.grid;
    this.#node = node;
    this.#input = input;
    this.#param = param;
    this.#context = context;
    this.#scratch = new Column(input.grid.steps);
    this.#unread = new UnreadSeries(input, (i) => i < this.#next, context);
  }

  async prepare(): Promise<void> {
    await this.#param.prepare();
    await this.#input.prepare();
  }

  advance(): boolean {
    if (this.#output !== undefined) return this.#unread.advance();
    if (!this.#param.advance() || !this.#input.advance()) return false;
    if (this.#heaps === undefined && !this.#begin()) return this.#unread.advance();
    while (this.#next < this.#input.size) {
      this.#absorb(this.#next++);
      if (this.#context.isSliceOver) return false;
    }
    this.#output = this.#finish();
    return true;
  }

  get size(): number {
    return this.#output?.series.length ?? 0;
  }

  /** All that matters is read before the first series. */
  readonly readMatters = false;

  get metricName(): string | undefined {
    return this.#input.metricName;
  }

  labels(i: number): Labels {
    return this.#input.labels(this.#output!.series[i]!);
  }

  dropsName(i: number): boolean {
    return this.#input.dropsName(this.#output!.series[i]!);
  }

  read(i: number, out: Column): void {
    const { starts, steps, values } = this.#output!;
    out.clear();
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      const step = steps[at]!;
      out.kinds[step] = FLOAT;
      out.values[step] = values[at]!;
    }
  }

  usage(): Usage {
    const out = this.#output?.values.length ?? 0;
    return aggregateUsage(this.#param.usage(), this.#input.usage(), out);
  }

  /** @returns false when nothing is selected at any step */
  #begin(): boolean {
    this.#sizes = selectionSizes(this.#param.values());
    if (this.#sizes === undefined) {
      this.#output = NOTHING_SELECTED;
      return false;
    }
    const { groupOf, firsts } = groupSeries(this.#input, this.#node.grouping, this.#node.without);
    this.#groupOf = groupOf;
    this.#seen = new Uint8Array(firsts.length);
    const memberCounts = new Uint32Array(firsts.length);
    for (const group of groupOf) memberCounts[group]!++;
    const largestGroup = memberCounts.reduce((a, b) => Math.max(a, b), 0);
    const largestK = this.#sizes.reduce((a, b) => Math.max(a, b), 0);
    const capacity = Math.min(largestGroup, largestK);
    const cells = firsts.length * this.grid.steps;
    this.#context.reserve(cells * (4 + capacity * 12));
    this.#heaps = new ValueHeaps(cells, capacity, this.#node.op === 'bottomk');
    return true;
  }

  #absorb(series: number): void {
    const { steps } = this.grid;
    const heaps = this.#heaps!;
    const sizes = this.#sizes!;
    const { kinds, values } = this.#scratch;
    this.#input.read(series, this.#scratch);
    const group = this.#groupOf[series]!;
    const from = group * steps;
    let hasHistogram = false;
    let hasFloat = false;
    for (let i = 0; i < steps; i++) {
      if (kinds[i] !== FLOAT) {
        hasHistogram ||= kinds[i] === HISTOGRAM;
        continue;
      }
      hasFloat = true;
      const size = heaps.sizes[from + i]!;
      if (size < sizes[i]!) heaps.push(from + i, values[i]!, series);
      else if (size > 0 && heaps.beatsRoot(from + i, values[i]!)) heaps.replaceRoot(from + i, values[i]!, series);
    }
    if (hasFloat && this.#seen[group] === 0) {
      this.#seen[group] = 1;
      this.#groupOrder.push(group);
    }
    if (hasHistogram) {
      this.#context.annotations.histogramIgnoredInAggregation(this.#node.op, this.#node.pos);
    }
  }

  #finish(): SelectedSamples {
    const heaps = this.#heaps!;
    const { steps } = this.grid;
    if (steps === 1) {
      const series: number[] = [];
      const values: number[] = [];
      for (const group of this.#groupOrder) {
        heaps.sort(group);
        const base = group * heaps.capacity;
        for (let at = base; at < base + heaps.sizes[group]!; at++) {
          series.push(heaps.series[at]!);
          values.push(heaps.values[at]!);
        }
      }
      return {
        series: Uint32Array.from(series),
        starts: Uint32Array.from({ length: series.length + 1 }, (_, i) => i),
        steps: new Uint32Array(series.length),
        values: Float64Array.from(values),
      };
    }
    const selected = collectBySeries(heaps, steps, this.#input.size);
    this.#heaps = undefined;
    return selected;
  }
}

/** Samples by output series: those of series `i` stand from `starts[i]` to `starts[i + 1]`. */
interface SelectedSamples {
  /** Input series. */
  readonly series: Uint32Array;
  readonly starts: Uint32Array;
  readonly steps: Uint32Array;
  readonly values: Float64Array;
}

const NOTHING_SELECTED: SelectedSamples = {
  series: new Uint32Array(0),
  starts: new Uint32Array(1),
  steps: new Uint32Array(0),
  values: new Float64Array(0),
};

/** Turns heaps by (group, step) into samples by series, with a counting sort. */
function collectBySeries(heaps: ValueHeaps, stepCount: number, inputSize: number): SelectedSamples {
  const { sizes, capacity } = heaps;
  const counts = new Uint32Array(inputSize);
  let total = 0;
  for (let cell = 0; cell < sizes.length; cell++) {
    for (let at = 0; at < sizes[cell]!; at++) {
      counts[heaps.series[cell * capacity + at]!]!++;
      total++;
    }
  }
  const series: number[] = [];
  const starts = [0];
  const position = new Uint32Array(inputSize);
  counts.forEach((count, i) => {
    if (count === 0) return;
    series.push(i);
    position[i] = starts.at(-1)!;
    starts.push(starts.at(-1)! + count);
  });
  const steps = new Uint32Array(total);
  const values = new Float64Array(total);
  for (let cell = 0; cell < sizes.length; cell++) {
    for (let at = cell * capacity; at < cell * capacity + sizes[cell]!; at++) {
      const to = position[heaps.series[at]!]!++;
      steps[to] = cell % stepCount;
      values[to] = heaps.values[at]!;
    }
  }
  return { series: Uint32Array.from(series), starts: Uint32Array.from(starts), steps, values };
}
