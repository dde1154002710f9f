import type { Exemplar, Labels, Matcher, SampleColumn } from '../model/index.ts';

/**
 * What the caller will do with the samples, so that a store may do less. A store may ignore any of it.
 */
export interface SelectHints {
  /** First and last instant that can matter, ms, inclusive. */
  readonly mint: number;
  readonly maxt: number;
  /** Query step in ms, 0 for an instant query. */
  readonly stepMs?: number;
  /** The window of a range selector in ms, 0 for an instant selector. */
  readonly rangeMs?: number;
  /** The function or aggregation directly above the selector. */
  readonly func?: string;
  /** Labels that matter (`by`) or do not (`without`); other labels may be left out of `Series.labels`. */
  readonly grouping?: readonly string[];
  readonly by?: boolean;
  /** Only the labels are read: `read` will not be called. */
  readonly labelsOnly?: boolean;
  /** Stop after this many series; 0 or absent: all. */
  readonly limit?: number;
}

/** One stream of samples, as a `SeriesSet` yields it. */
export interface Series {
  /** Built when first asked for: leave it alone where it is not needed. */
  readonly labels: Labels;
  /**
   * Appends all samples with mint ≤ t ≤ maxt (ms) to `column`, ascending, each timestamp once. The caller has reset the column if it
   * wants it empty. May be called again, also with other bounds.
   *
   * @throws {StorageError} when the data cannot be read
   */
  read(column: SampleColumn, mint: number, maxt: number): void;
}

/** The answer to a select: known whole before any sample is read. `series` is in label order when that was asked for. */
export interface SeriesSet {
  readonly series: readonly Series[];
  readonly warnings: readonly string[];
}

export interface LabelHints {
  readonly limit?: number;
}

export interface LabelNames {
  /** Distinct, in byte order. */
  readonly values: readonly string[];
  readonly warnings: readonly string[];
}

/** A consistent view of a store between mint and maxt (ms, inclusive): no later commit shows in it. Close it. */
export interface Querier {
  readonly mint: number;
  readonly maxt: number;
  /** Series that satisfy every matcher and may have samples between the bounds. No matcher: every series. */
  select(
    matchers: readonly Matcher[],
    options: { sorted: boolean; hints?: SelectHints },
  ): Promise<SeriesSet> | SeriesSet;
  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> | LabelNames;
  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> | LabelNames;
  /** Safe to call twice. */
  close(): void;
}

export interface Queryable {
  querier(mint: number, maxt: number): Querier;
}

export interface ExemplarSeries {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

export interface ExemplarQueryable {
  /** Exemplars of the series that satisfy any of the matcher lists, between the bounds (ms, inclusive), in label order. */
  exemplars(mint: number, maxt: number, matchers: readonly (readonly Matcher[])[]): readonly ExemplarSeries[];
}
