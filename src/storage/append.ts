import type { Exemplar, Histogram, Labels, Metadata } from '../model/index.ts';

/** Names a series within one store for as long as the store is open; 0 names none. */
export type SeriesRef = number;

/** Why a sample was not taken; `ACCEPTED` when it was. Plain numbers: this is returned once per sample. */
export const ACCEPTED = 0;
/** Older than the newest sample of the series, and outside the out-of-order window. */
export const OUT_OF_ORDER = 1;
/** Same timestamp as the newest sample, another value. */
export const DUPLICATE_TIMESTAMP = 2;
/** Older than anything the store still takes. */
export const OUT_OF_BOUNDS = 3;
/** Older than the out-of-order window (where one is configured). */
export const TOO_OLD = 4;
/** The series is no longer there: look it up again with `series`. */
export const UNKNOWN_SERIES = 5;

export type AppendVerdict = 0 | 1 | 2 | 3 | 4 | 5;

/**
 * One transaction of writes. Nothing is visible to readers, and nothing is in the log, before `commit`.
 *
 * Everything is synchronous: a commit is seen whole or not at all. After `commit` or `rollback` the appender is spent.
 */
export interface Appender {
  /** The series with these labels, made if it is new. @throws {StorageError} for an empty set or when a limit is reached */
  series(labels: Labels): SeriesRef;
  /** Stages a float; a NaN is stored as an ordinary NaN. */
  append(ref: SeriesRef, t: number, v: number): AppendVerdict;
  /** Stages a staleness marker: a float one, or a histogram one where the series' newest sample is a histogram. */
  appendStale(ref: SeriesRef, t: number): AppendVerdict;
  /** Stages a native histogram, which the appender may keep: the caller gives it away. */
  appendHistogram(ref: SeriesRef, t: number, histogram: Histogram): AppendVerdict;
  /** Stages an exemplar; `false` when it is not newer than the series' last one or too long. */
  appendExemplar(ref: SeriesRef, exemplar: Exemplar): boolean;
  /** Stages what the target says of the series' family. */
  updateMetadata(ref: SeriesRef, metadata: Metadata): void;
  /** Writes the log, then shows the samples to readers. @throws when the log cannot be written; the head is then unchanged */
  commit(): void;
  /** Forgets everything staged. */
  rollback(): void;
}

export interface Appendable {
  appender(): Appender;
}
