import { invariant } from '../runtime/index.ts';
import type { FloatHistogram } from '../model/histogram/index.ts';
import { Labels, compareLabels } from '../model/index.ts';
import type { Querier } from '../storage/index.ts';
import { ABSENT, Column, FLOAT, HISTOGRAM } from './column.ts';
import { OperatorBuilder } from './operators/build.ts';
import { tooManySamples, type EvaluationContext } from './operators/context.ts';
import { MergedSeries } from './operators/merged-series.ts';
import { NamesDropped } from './operators/names-dropped.ts';
import type { Evaluable, VectorOperator } from './operators/operator.ts';
import { atOneStep, constantUsage, type Usage } from './operators/usage.ts';
import type { MatrixNode, Plan, SubqueryNode } from './plan/node.ts';
import { rangeSamples } from './range-samples.ts';
import type { MatrixSeries, SampleSeries } from './result.ts';
import type { RangeQueryOptions } from './runner.ts';

/** The value of an instant query, before it is told what it took. */
export type InstantValue =
  | { readonly type: 'samples'; readonly series: readonly SampleSeries[] }
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | {
      readonly type: 'vector';
      readonly labels: readonly Labels[];
      readonly values: Float64Array;
      readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
    };

/** Runs one plan once. Phase 1 runs all selects; phase 2 pulls columns, giving way to other work between slices. */
export class Execution {
  readonly #plan: Plan;
  readonly #builder: OperatorBuilder;
  readonly #context: EvaluationContext;
  usage: Usage = constantUsage(0);
  /** Monotonic ms of what the statistics tell apart. */
  preparedMs = 0;
  sortMs = 0;

  constructor(plan: Plan, querier: Querier, context: EvaluationContext) {
    this.#plan = plan;
    this.#context = context;
    this.#builder = new OperatorBuilder(plan, querier, context);
  }

  async instant(): Promise<InstantValue> {
    const { root, grid } = this.#plan;
    switch (root.kind) {
      case 'text':
        return { type: 'string', value: root.value };
      case 'matrix':
        return { type: 'samples', series: await this.#matrix(root) };
      case 'subquery':
        return { type: 'samples', series: await this.#subquery(root) };
      default:
        break;
    }
    const operator = this.#builder.build(root, grid);
    if (operator.type === 'scalar') {
      await this.#start(operator);
      const value = operator.values()[0]!;
      this.#finish(operator.usage());
      return { type: 'scalar', value };
    }
    return this.#vector(this.#namesSettled(operator));
  }

  /** @returns series in label order, or none when they were taken by `onSeries` */
  async range(onSeries: RangeQueryOptions['onSeries']): Promise<readonly MatrixSeries[]> {
    const { root, grid } = this.#plan;
    const result: MatrixSeries[] = [];
    if (grid.steps === 0) return result;
    const built = this.#builder.build(root, grid);
    if (built.type === 'scalar') {
      await this.#start(built);
      const column = new Column(grid.steps);
      column.fillFloat(0);
      column.values.set(built.values());
      this.#finish(built.usage());
      if (onSeries === undefined) result.push({ labels: Labels.EMPTY, column });
      else onSeries(Labels.EMPTY, column, grid);
      return result;
    }
    const operator = this.#namesSettled(built);
    await this.#start(operator);
    const { labels, order } = this.#inLabelOrder(operator);
    let column = new Column(grid.steps);
    for (const i of order) {
      operator.read(i, column);
      if (!column.isEmpty) {
        if (onSeries === undefined) {
          this.#context.reserve(grid.steps * 9);
          result.push({ labels: labels[i]!, column });
          column = new Column(grid.steps);
        } else onSeries(labels[i]!, column, grid);
      }
      if (this.#context.isSliceOver) await this.#giveWay();
    }
    this.#finish(operator.usage());
    return result;
  }

  async #vector(operator: VectorOperator): Promise<InstantValue> {
    await this.#start(operator);
    const { size } = operator;
    const labels: Labels[] = [];
    const values = new Float64Array(size);
    let histograms: (FloatHistogram | undefined)[] | undefined;
    const column = new Column(1);
    for (let i = 0; i < size; i++) {
      operator.read(i, column);
      const kind = column.kinds[0]!;
      if (kind !== ABSENT) {
        const at = labels.push(operator.labels(i)) - 1;
        if (kind === FLOAT) values[at] = column.values[0]!;
        else (histograms ??= [])[at] = column.histograms![0]!;
      }
      // Reading one sample is short: the clock would cost as much.
      if ((i & 63) === 63 && this.#context.isSliceOver) await this.#giveWay();
    }
    this.#finish(operator.usage());
    return { type: 'vector', labels, values: values.subarray(0, labels.length), histograms };
  }

  async #matrix(node: MatrixNode): Promise<readonly SampleSeries[]> {
    const select = this.#builder.select(node.select);
    await select.prepare();
    this.preparedMs = this.#now();
    this.#context.beginSlice();
    const { grid } = this.#plan;
    const { lookbackMs, maxSamples } = this.#context.options;
    const result: SampleSeries[] = [];
    let samples = 0;
    for (let i = 0; i < select.series.length; i++) {
      const series = rangeSamples(node, select.samples(i), grid.startMs, lookbackMs);
      if (series !== undefined) {
        samples += series.sampleCount;
        if (samples > maxSamples) throw tooManySamples();
        this.#context.reserve(series.t.length * 16);
        result.push({ labels: select.labels(i), ...series });
      }
      if (this.#context.isSliceOver) await this.#giveWay();
    }
    const usage = constantUsage(samples);
    this.#finish(atOneStep({ ...usage, total: samples, read: samples }));
    return this.#sorted(result);
  }

  async #subquery(node: SubqueryNode): Promise<readonly SampleSeries[]> {
    const operator = this.#namesSettled(this.#builder.subqueryInner(node, this.#plan.grid));
    const { startMs, stepMs } = operator.grid;
    await this.#start(operator);
    const result: SampleSeries[] = [];
    const column = new Column(operator.grid.steps);
    for (let i = 0; i < operator.size; i++) {
      operator.read(i, column);
      if (!column.isEmpty) {
        this.#context.reserve(column.steps * 16);
        result.push({ labels: operator.labels(i), ...presentSamples(column, startMs, stepMs) });
      }
      if (this.#context.isSliceOver) await this.#giveWay();
    }
    this.#finish(atOneStep(operator.usage()));
    return this.#sorted(result);
  }

  /** With delayed name removal, names that are due go at the very end. */
  #namesSettled(operator: VectorOperator): VectorOperator {
    if (!this.#context.options.delayedNameRemoval) return operator;
    return new MergedSeries(new NamesDropped(operator, 'due'), 'merge');
  }

  async #start(operator: Evaluable): Promise<void> {
    await operator.prepare();
    this.preparedMs = this.#now();
    this.#context.look();
    this.#context.beginSlice();
    while (!operator.advance()) await this.#giveWay();
  }

  #finish(usage: Usage): void {
    this.usage = usage;
    if (usage.peak > this.#context.options.maxSamples) throw tooManySamples();
    this.#context.look();
  }

  #inLabelOrder(operator: VectorOperator): { labels: readonly Labels[]; order: Uint32Array } {
    const from = this.#now();
    const labels: Labels[] = [];
    for (let i = 0; i < operator.size; i++) labels.push(operator.labels(i));
    const order = Uint32Array.from(labels, (_, i) => i).sort((a, b) => compareLabels(labels[a]!, labels[b]!));
    this.sortMs = this.#now() - from;
    return { labels, order };
  }

  #sorted(series: SampleSeries[]): readonly SampleSeries[] {
    const from = this.#now();
    series.sort((a, b) => compareLabels(a.labels, b.labels));
    this.sortMs = this.#now() - from;
    return series;
  }

  async #giveWay(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.#context.look();
    this.#context.beginSlice();
  }

  #now(): number {
    return this.#context.options.clock.monotonic();
  }
}

/** The samples a column has, with their times. */
function presentSamples(column: Column, startMs: number, stepMs: number): Omit<SampleSeries, 'labels'> {
  const { kinds, values, histograms } = column;
  const t: number[] = [];
  const v: number[] = [];
  let present: (FloatHistogram | undefined)[] | undefined;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === ABSENT) continue;
    const at = t.push(startMs + i * stepMs) - 1;
    v.push(kinds[i] === FLOAT ? values[i]! : NaN);
    if (kinds[i] === HISTOGRAM) (present ??= [])[at] = histograms![i]!;
  }
  invariant(t.length > 0, 'the column is not empty');
  return { t: Float64Array.from(t), values: Float64Array.from(v), histograms: present };
}
