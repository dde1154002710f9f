import { METRIC_NAME, SampleColumn, type Labels } from '../../model/index.ts';
import type { Querier, SelectHints, Series } from '../../storage/index.ts';
import { QueryError } from '../errors.ts';
import type { SelectSpec } from '../plan/node.ts';
import type { EvaluationContext } from './context.ts';
import { dropBuckets } from './drop-buckets.ts';

/**
 * The series of one request to the storage, read by one or more selectors.
 *
 * The samples of the last series read are kept: selectors that walk the series in step, as the two sides of
 * `rate(x[5m]) / rate(x[10m])` do, decode each series once.
 */
export class Select {
  /** Known after `prepare`. */
  series: readonly Series[] = [];
  /** The name all series have, when the matchers ask for one. */
  readonly metricName: string | undefined;
  readonly #spec: SelectSpec;
  readonly #querier: Querier;
  readonly #context: EvaluationContext;
  readonly #samples = new SampleColumn();
  #current = -1;
  #prepared: Promise<void> | undefined;

  constructor(spec: SelectSpec, querier: Querier, context: EvaluationContext) {
    this.#spec = spec;
    this.#querier = querier;
    this.#context = context;
    this.metricName = spec.matchers.find((m) => m.name === METRIC_NAME && m.type === '=' && m.value !== '')?.value;
  }

  prepare(): Promise<void> {
    return (this.#prepared ??= this.#select());
  }

  labels(i: number): Labels {
    return this.series[i]!.labels;
  }

  /** All samples of series `i` between the bounds of the select; valid until the next call. */
  samples(i: number): SampleColumn {
    const samples = this.#samples;
    if (this.#current === i) return samples;
    this.#context.check();
    this.#current = -1;
    samples.reset();
    this.series[i]!.read(samples, this.#spec.mint, this.#spec.maxt);
    if (this.#spec.withoutBuckets) dropBuckets(samples);
    this.#current = i;
    return samples;
  }

  async #select(): Promise<void> {
    const { matchers, mint, maxt, stepMs, rangeMs, hints } = this.#spec;
    const { projected, grouping, by } = hints;
    const selectHints: SelectHints = {
      mint,
      maxt,
      stepMs,
      rangeMs,
      func: hints.func,
      ...(projected ? { grouping, by } : {}),
    };
    this.#context.look();
    const set = await expandingSeries(() => this.#querier.select(matchers, { sorted: false, hints: selectHints }));
    for (const warning of set.warnings) this.#context.annotations.storageWarning(warning);
    this.series = set.series;
  }
}

/** Runs a select, with its failures worded as the engine's. */
export async function expandingSeries<T>(select: () => T | Promise<T>): Promise<T> {
  try {
    return await select();
  } catch (error) {
    if (error instanceof QueryError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new QueryError('execution', `expanding series: ${message}`, { cause: error });
  }
}
