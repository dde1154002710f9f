import type { Histogram } from '../histogram/index.ts';
import type { MetricType } from '../metadata.ts';

/** What `next` found. Plain numbers, since there is one for each line. */
export type Entry = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const END_OF_PAGE = 0;
export const TYPE_ENTRY = 1;
export const HELP_ENTRY = 2;
export const UNIT_ENTRY = 3;
export const COMMENT_ENTRY = 4;
/** A series with a float. */
export const SERIES_ENTRY = 5;
/** A series with a native histogram. */
export const HISTOGRAM_ENTRY = 6;

/** An exemplar as exposed: labels flat and in the order given, `t` in ms or `undefined` where none was given. */
export interface ExposedExemplar {
  readonly labels: readonly string[];
  readonly value: number;
  readonly t: number | undefined;
}

/**
 * Walks a page entry by entry. Nothing is copied: a series is a span of bytes until its labels are asked for, and everything the
 * parser shows is that of the entry `next` returned last.
 */
export interface ExpositionParser {
  /** @throws {ExpositionError} when the page breaks the format here; the entries so far stand */
  next(): Entry;

  /** `seriesBytes[seriesStart … seriesEnd - 1]` names the series within one target: the same bytes, the same series. */
  readonly seriesBytes: Buffer;
  readonly seriesStart: number;
  readonly seriesEnd: number;
  readonly value: number;
  /** ms; means something only where `hasTimestamp`. */
  readonly timestamp: number;
  readonly hasTimestamp: boolean;
  /** Of a histogram entry. Made anew for each: it may be kept and changed. */
  readonly histogram: Histogram | undefined;

  /**
   * The series' labels, flat, in the order exposed and with the metric name first; empty values and repeated names included. `le` and
   * `quantile` values are written as OpenMetrics writes floats. Names that are not UTF-8 hold U+FFFD and set `hasInvalidText`.
   */
  labelPairs(): string[];
  readonly hasInvalidText: boolean;

  /** The next exemplar of the series, `undefined` after the last. */
  nextExemplar(): ExposedExemplar | undefined;
  /** When the series' counting began, ms; 0 where that is not known. May read ahead. */
  startTimestamp(): number;

  /** Of a type, help or unit entry. */
  readonly familyName: string;
  readonly type: MetricType;
  /** Help text or unit. */
  readonly text: string;
}
