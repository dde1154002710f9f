import { Encbuf } from '../../bytes/index.ts';
import { CUSTOM_BUCKETS_SCHEMA } from '../../model/index.ts';
import type { LogWriter } from '../wal/log-writer.ts';
import {
  beginSeries,
  encodeExemplars,
  encodeHistograms,
  encodeMetadata,
  encodeSamples,
  putSeries,
  type HistogramSample,
} from '../wal/record-encode.ts';
import type { AppendLog, StagedHistogram, Staging } from './head-appender.ts';
import type { Head } from './head.ts';

/**
 * Writes what appenders stage to the write-ahead log.
 *
 * Series are made when they are first asked for, so they may be in the head before any commit; each batch begins with those that are not
 * logged yet. After a write that failed they are still not, and the next batch has them again.
 */
export class SeriesLog implements AppendLog {
  readonly #head: Head;
  #log: LogWriter;
  readonly #out = new Encbuf(64 * 1024);
  /** Refs from here on are not in the log. */
  #loggedBelow: number;

  constructor(head: Head, log: LogWriter) {
    this.#head = head;
    this.#log = log;
    this.#loggedBelow = head.table.nextRef;
  }

  get log(): LogWriter {
    return this.#log;
  }

  write(staging: Staging): void {
    const { table } = this.#head;
    const nextRef = table.nextRef;
    const log = this.#log;
    const out = this.#out;
    log.begin();
    if (nextRef > this.#loggedBelow) {
      beginSeries(out);
      let any = false;
      for (let ref = this.#loggedBelow; ref < nextRef; ref++) {
        const slot = table.slot(ref);
        if (slot === 0) continue;
        putSeries(out, ref, table.labels(slot));
        any = true;
      }
      if (any) log.add(out.bytes());
    }
    if (staging.metadata.length > 0) {
      encodeMetadata(out, staging.metadata);
      log.add(out.bytes());
    }
    this.#writeSamples(staging);
    if (staging.exemplars.length > 0) {
      encodeExemplars(out, staging.exemplars);
      log.add(out.bytes());
    }
    log.flush();
    this.#loggedBelow = nextRef;
  }

  /** Floats in one record, histograms in one of each kind, unless a series has both: then the order in time must show. */
  #writeSamples(staging: Staging): void {
    const { histograms } = staging;
    if (histograms.length === 0) {
      this.#writeFloats(staging, 0, staging.length);
      return;
    }
    if (!mixesKinds(staging)) {
      this.#writeFloats(staging, 0, staging.length);
      this.#writeHistograms(histograms);
      return;
    }
    let from = 0;
    for (const sample of histograms) {
      this.#writeFloats(staging, from, sample.floatsBefore);
      from = sample.floatsBefore;
      this.#writeHistograms([sample]);
    }
    this.#writeFloats(staging, from, staging.length);
  }

  #writeFloats(staging: Staging, from: number, to: number): void {
    if (from === to) return;
    encodeSamples(this.#out, staging.refs, staging.columns.ts, staging.columns.words, from, to);
    this.#log.add(this.#out.bytes());
  }

  #writeHistograms(samples: readonly HistogramSample[]): void {
    for (const kind of ['int', 'float'] as const) {
      for (const custom of [false, true]) {
        const some = samples.filter(
          (sample) => sample.kind === kind && (sample.histogram?.schema === CUSTOM_BUCKETS_SCHEMA) === custom,
        );
        if (some.length === 0) continue;
        encodeHistograms(this.#out, some, custom);
        this.#log.add(this.#out.bytes());
      }
    }
  }
}

/** Whether some series has samples of two kinds in this batch. */
function mixesKinds(staging: Staging): boolean {
  const kinds = new Map<number, string>();
  for (const sample of staging.histograms) {
    const kind = kindOf(sample);
    const other = kinds.get(sample.slot);
    if (other !== undefined && other !== kind) return true;
    kinds.set(sample.slot, kind);
  }
  for (let i = 0; i < staging.length; i++) if (kinds.has(staging.columns.slots[i])) return true;
  return false;
}

function kindOf({ kind, histogram }: StagedHistogram): string {
  return histogram?.schema === CUSTOM_BUCKETS_SCHEMA ? `custom ${kind}` : kind;
}
