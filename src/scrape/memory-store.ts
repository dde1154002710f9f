import type { Exemplar, Histogram, Labels } from '../model/index.ts';
import {
  ACCEPTED,
  type Appendable,
  type Appender,
  type AppendVerdict,
  DUPLICATE_TIMESTAMP,
  OUT_OF_ORDER,
  type SeriesRef,
  UNKNOWN_SERIES,
} from '../storage/index.ts';

interface StoredSeries {
  readonly labels: Labels;
  lastT: number;
  lastValue: number | Histogram | 'stale';
}

/**
 * A store that lists what was committed, one line a sample: for tests, and to see what a scrape would write. It refuses what a real head refuses:
 * samples that are older than the newest of their series, and other values at the same time.
 */
export class MemoryStore implements Appendable {
  /** `{labels} value @t`, in the order staged. */
  readonly lines: string[] = [];
  readonly exemplars: string[] = [];
  commits = 0;
  readonly #series = new Map<SeriesRef, StoredSeries>();
  readonly #byKey = new Map<string, SeriesRef>();
  #nextRef = 1;

  get seriesCount(): number {
    return this.#series.size;
  }

  /** Forgets a series, as a head does with one that has no samples any more. */
  forget(labels: Labels): void {
    const ref = this.#byKey.get(labels.key());
    if (ref === undefined) return;
    this.#byKey.delete(labels.key());
    this.#series.delete(ref);
  }

  /** Takes the lines written so far away. */
  drain(): string[] {
    return this.lines.splice(0);
  }

  appender(): Appender {
    const staged: string[] = [];
    const stagedExemplars: string[] = [];
    const undo: (() => void)[] = [];
    const stage = (ref: SeriesRef, t: number, value: number | Histogram | 'stale'): AppendVerdict => {
      const series = this.#series.get(ref);
      if (series === undefined) return UNKNOWN_SERIES;
      if (t < series.lastT) return OUT_OF_ORDER;
      if (t === series.lastT) return Object.is(value, series.lastValue) ? ACCEPTED : DUPLICATE_TIMESTAMP;
      const { lastT, lastValue } = series;
      undo.push(() => Object.assign(series, { lastT, lastValue }));
      series.lastT = t;
      series.lastValue = value;
      staged.push(`${series.labels.toString()} ${show(value)} @${t}`);
      return ACCEPTED;
    };
    return {
      series: (labels) => this.#refOf(labels),
      append: stage,
      appendStale: (ref, t) => stage(ref, t, 'stale'),
      appendHistogram: stage,
      appendExemplar: (ref, exemplar) => {
        stagedExemplars.push(showExemplar(this.#series.get(ref)!.labels, exemplar));
        return true;
      },
      updateMetadata: () => {},
      commit: () => {
        this.commits++;
        for (const line of staged) this.lines.push(line);
        this.exemplars.push(...stagedExemplars);
      },
      rollback: () => {
        for (const step of undo.reverse()) step();
      },
    };
  }

  #refOf(labels: Labels): SeriesRef {
    const known = this.#byKey.get(labels.key());
    if (known !== undefined) return known;
    const ref = this.#nextRef++;
    this.#byKey.set(labels.key(), ref);
    this.#series.set(ref, { labels, lastT: -Infinity, lastValue: NaN });
    return ref;
  }
}

function show(value: number | Histogram | 'stale'): string {
  return typeof value === 'object' ? `${value.kind}[${value.count} schema ${value.schema}]` : String(value);
}

function showExemplar(labels: Labels, exemplar: Exemplar): string {
  return `${labels.toString()} ${exemplar.labels.toString()} ${exemplar.v} @${exemplar.t}`;
}
