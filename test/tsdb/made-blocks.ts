import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeUlid } from '../../src/bytes/index.ts';
import { compareLabels, Labels, SampleColumn, type FloatHistogram } from '../../src/model/index.ts';
import type { Queryable, SeriesSet } from '../../src/storage/index.ts';
import {
  Block,
  encodeChunks,
  runNow,
  writeBlock,
  type BlockMeta,
  type BlockSource,
  type NewBlock,
} from '../../src/tsdb/block/index.ts';

/** A sample: a float, a staleness marker or a histogram. */
export type MadeValue = number | 'stale' | FloatHistogram;

export interface MadeSeries {
  readonly labels: Record<string, string>;
  /** Ascending. */
  readonly samples: readonly (readonly [t: number, value: MadeValue])[];
}

export function columnOf(samples: MadeSeries['samples']): SampleColumn {
  const column = new SampleColumn();
  for (const [t, value] of samples) {
    if (value === 'stale') column.pushStale(t);
    else if (typeof value === 'number') column.pushFloat(t, value);
    else column.pushHistogram(t, value);
  }
  return column;
}

/** The series in label order, as a source for `writeBlock`. */
export function sourceOf(series: readonly MadeSeries[]): BlockSource {
  const sorted = series
    .map(({ labels, samples }) => ({ labels: Labels.from(labels), samples }))
    .sort((a, b) => compareLabels(a.labels, b.labels));
  return {
    series: function* () {
      for (const { labels, samples } of sorted) yield { labels, chunks: () => encodeChunks(columnOf(samples)) };
    },
  };
}

export function newUlid(): string {
  return makeUlid(Date.now(), randomBytes(10));
}

/** Writes a block of the series into `dir`; its range is theirs unless it is given. */
export function makeBlock(
  dir: string,
  series: readonly MadeSeries[],
  options: Partial<NewBlock> = {},
): BlockMeta | undefined {
  const times = series.flatMap(({ samples }) => samples.map(([t]) => t));
  return runNow(
    writeBlock(dir, sourceOf(series), {
      ulid: newUlid(),
      minTime: Math.min(...times, 0),
      maxTime: Math.max(...times, 0) + 1,
      ...options,
    }),
  );
}

export function openMade(dir: string, meta: BlockMeta): Block {
  return Block.open(path.join(dir, meta.ulid));
}

/** Everything in a store, by the text of the labels; histograms as they are, staleness markers as 'stale'. */
export function contents(store: Queryable, mint = -(2 ** 52), maxt = 2 ** 52): Record<string, [number, MadeValue][]> {
  const querier = store.querier(mint, maxt);
  const column = new SampleColumn();
  const found: Record<string, [number, MadeValue][]> = {};
  for (const series of (querier.select([], { sorted: true }) as SeriesSet).series) {
    column.reset();
    series.read(column, mint, maxt);
    found[series.labels.toString()] = samplesOf(column);
  }
  querier.close();
  return found;
}

export function samplesOf(column: SampleColumn): [number, MadeValue][] {
  return Array.from({ length: column.length }, (_, i) => [
    column.t[i]!,
    column.histograms?.[i] ?? (column.stale[i] === 1 ? 'stale' : column.v[i]!),
  ]);
}

/** A directory that is removed when the function is done. */
export async function inTempDir<T>(use: (dir: string) => T | Promise<T>): Promise<T> {
  const dir = mkdtempSync(path.join(tmpdir(), 'yagura-blocks-'));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
