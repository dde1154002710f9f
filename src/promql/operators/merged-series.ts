import type { Labels } from '../../model/index.ts';
import { ABSENT, HISTOGRAM, Column, type StepGrid } from '../column.ts';
import { executionError, SAME_LABELSET } from '../errors.ts';
import type { VectorOperator } from './operator.ts';
import { inPlaceUsage, type Usage } from './usage.ts';

/**
 * What to do with series that have come to have the same labels: `merge` them as long as no two have a sample at the same step, or
 * `refuse` them as soon as two have samples at all.
 */
export type DuplicatePolicy = 'merge' | 'refuse';

/**
 * Makes one series of those with equal labels, for operators that change labels in a way that may make them equal.
 *
 * @throws {QueryError} code `execution` where the series exclude each other
 * @see Prometheus `promql/engine.go` (3.14), rangeEval, mergeSeriesWithSameLabelset and ContainsSameLabelset
 */
export class MergedSeries implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #inner: VectorOperator;
  readonly #policy: DuplicatePolicy;
  /** Inner series by output series; undefined while unknown, and when there is nothing to merge. */
  #groups: readonly (readonly number[])[] | undefined;
  #grouped = false;
  #scratch: Column | undefined;

  constructor(inner: VectorOperator, policy: DuplicatePolicy) {
    this.grid = inner.grid;
    this.#inner = inner;
    this.#policy = policy;
  }

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  advance(): boolean {
    if (!this.#inner.advance()) return false;
    if (!this.#grouped) {
      this.#groups = duplicateGroups(this.#inner);
      this.#grouped = true;
    }
    return true;
  }

  get size(): number {
    return this.#groups?.length ?? this.#inner.size;
  }

  get readMatters(): boolean {
    return this.#groups !== undefined || this.#inner.readMatters;
  }

  get metricName(): string | undefined {
    return this.#inner.metricName;
  }

  labels(i: number): Labels {
    return this.#inner.labels(this.#members(i)?.[0] ?? i);
  }

  dropsName(i: number): boolean {
    return this.#inner.dropsName(this.#members(i)?.[0] ?? i);
  }

  read(i: number, out: Column): void {
    const members = this.#members(i);
    if (members === undefined) {
      this.#inner.read(i, out);
      return;
    }
    this.#inner.read(members[0]!, out);
    for (let m = 1; m < members.length; m++) {
      const scratch = (this.#scratch ??= new Column(this.grid.steps));
      this.#inner.read(members[m]!, scratch);
      if (this.#policy === 'refuse' && !scratch.isEmpty && !out.isEmpty) throw executionError(SAME_LABELSET);
      overlay(scratch, out);
    }
  }

  usage(): Usage {
    const inner = this.#inner.usage();
    return inPlaceUsage(inner, inner.out);
  }

  #members(i: number): readonly number[] | undefined {
    return this.#groups?.[i];
  }
}

/** Adds the samples of `source` to `target`. @throws {QueryError} where both have one */
export function overlay(source: Column, target: Column): void {
  const { kinds, values, histograms } = source;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === ABSENT) continue;
    if (target.kinds[i] !== ABSENT) throw executionError(SAME_LABELSET);
    if (kinds[i] === HISTOGRAM) target.setHistogram(i, histograms![i]!);
    else {
      target.kinds[i] = kinds[i]!;
      target.values[i] = values[i]!;
    }
  }
}

/** The series with equal labels together, in order of their first; undefined when all labels differ. */
function duplicateGroups(operator: VectorOperator): readonly (readonly number[])[] | undefined {
  const { size } = operator;
  if (size < 2) return undefined;
  const byKey = new Map<string, number[]>();
  for (let i = 0; i < size; i++) {
    const key = operator.labels(i).key();
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [i]);
    else group.push(i);
  }
  return byKey.size === size ? undefined : [...byKey.values()];
}
