import { formatHistogram } from '../../model/histogram/index.ts';
import { formatFloatPlain, LabelsBuilder, type Labels } from '../../model/index.ts';
import { ABSENT, FLOAT, Column, type StepGrid } from '../column.ts';
import type { AggregateNode } from '../plan/node.ts';
import type { EvaluationContext } from './context.ts';
import { groupLabels } from './grouping.ts';
import type { VectorOperator } from './operator.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/**
 * `count_values`: one output series per group and value, counting the samples that have it.
 *
 * The output series depend on values, so the whole input is read first; counts are kept per value that occurs.
 *
 * @see Prometheus `promql/engine.go` (3.14), aggregationCountValues
 */
export class CountValues implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly metricName = undefined;
  readonly readMatters = false;
  readonly #input: VectorOperator;
  readonly #valueLabel: string;
  readonly #grouping: readonly string[];
  readonly #without: boolean;
  readonly #context: EvaluationContext;
  readonly #scratch: Column;
  #next = 0;
  readonly #byKey = new Map<string, Counted>();
  #output: readonly Counted[] = [];
  #samples = 0;

  /** @param valueLabel a valid label name */
  constructor(node: AggregateNode, valueLabel: string, input: VectorOperator, context: EvaluationContext) {
    this.grid = input.grid;
    this.#input = input;
    this.#valueLabel = valueLabel;
    this.#without = node.without;
    this.#grouping = node.without ? node.grouping : [...node.grouping, valueLabel];
    this.#context = context;
    this.#scratch = new Column(input.grid.steps);
  }

  prepare(): Promise<void> {
    return this.#input.prepare();
  }

  advance(): boolean {
    if (!this.#input.advance()) return false;
    while (this.#next < this.#input.size) {
      this.#absorb(this.#next++);
      if (this.#context.isSliceOver) return false;
    }
    this.#output = [...this.#byKey.values()];
    return true;
  }

  get size(): number {
    return this.#output.length;
  }

  labels(i: number): Labels {
    return this.#output[i]!.labels;
  }

  dropsName(): boolean {
    return false;
  }

  read(i: number, out: Column): void {
    const { sparse, dense } = this.#output[i]!;
    out.clear();
    if (dense !== undefined) {
      out.values.set(dense);
      for (let step = 0; step < dense.length; step++) out.kinds[step] = dense[step] === 0 ? ABSENT : FLOAT;
      return;
    }
    for (const [step, count] of sparse) {
      out.kinds[step] = FLOAT;
      out.values[step] = count;
    }
  }

  usage(): Usage {
    return stepwiseUsage([this.#input.usage()], this.#samples, this.grid.steps);
  }

  #absorb(series: number): void {
    const scratch = this.#scratch;
    this.#input.read(series, scratch);
    if (scratch.isEmpty) return;
    const labels = this.#input.labels(series);
    const { kinds, values, histograms } = scratch;
    const byText = new Map<string, Counted>();
    let last: Counted | undefined;
    let lastValue = 0;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] === ABSENT) continue;
      const value = values[i]!;
      // Neighbouring steps mostly repeat the value; zeros of different sign are different values.
      if (last === undefined || kinds[i] !== FLOAT || !Object.is(value, lastValue)) {
        const text = kinds[i] === FLOAT ? formatFloatPlain(value) : formatHistogram(histograms![i]!);
        last = byText.get(text) ?? this.#find(labels, text);
        byText.set(text, last);
        lastValue = value;
        if (kinds[i] !== FLOAT) {
          this.#add(last, i);
          last = undefined;
          continue;
        }
      }
      this.#add(last, i);
    }
  }

  #add(counted: Counted, step: number): void {
    const { sparse, dense } = counted;
    if (dense !== undefined) {
      if (dense[step]!++ === 0) this.#samples++;
      return;
    }
    const before = sparse.get(step) ?? 0;
    if (before === 0) this.#samples++;
    sparse.set(step, before + 1);
    // A map takes several times the memory of an array, per step.
    if (sparse.size <= 8 || sparse.size * 5 < this.grid.steps) return;
    this.#context.reserve(this.grid.steps * 8);
    counted.dense = new Float64Array(this.grid.steps);
    for (const [at, count] of sparse) counted.dense[at] = count;
    sparse.clear();
  }

  #find(labels: Labels, text: string): Counted {
    const withValue = new LabelsBuilder(labels).set(this.#valueLabel, text).labels();
    const group = groupLabels(withValue, this.#grouping, this.#without);
    const key = group.key();
    let counted = this.#byKey.get(key);
    if (counted === undefined) {
      this.#context.reserve(512);
      counted = { labels: group, sparse: new Map(), dense: undefined };
      this.#byKey.set(key, counted);
    }
    return counted;
  }
}

/** How often a value occurs at each step. Most values occur at few steps only. */
interface Counted {
  readonly labels: Labels;
  readonly sparse: Map<number, number>;
  /** In place of `sparse`, once it has grown. */
  dense: Float64Array | undefined;
}
