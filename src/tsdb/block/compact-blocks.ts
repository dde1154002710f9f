import { CorruptionError } from '../../bytes/index.ts';
import { SampleColumn } from '../../model/index.ts';
import { invariant } from '../../runtime/index.ts';
import { decodeChunk } from '../chunkenc/decode-chunk.ts';
import { dropDeleted, type Interval } from '../tombstones.ts';
import type { Block } from './block.ts';
import { BlockBuilder, type NewBlock } from './block-builder.ts';
import { isKnownEncoding, sampleCount } from './chunk-layout.ts';
import { encodeChunks } from './encode-chunks.ts';
import { covers, touches } from './intervals.ts';
import { mergeSamples } from './merge-samples.ts';
import { mergeSymbols } from './merge-symbols.ts';
import { FROM_OUT_OF_ORDER, FROM_SELECTED_SERIES, FROM_STALE_SERIES, type BlockMeta } from './meta.ts';
import { SeriesScan } from './series-scan.ts';
import type { Work } from './work.ts';
import { ChunkTimes } from './write-block.ts';

/** Series between two points where something else may be done. */
const STEPS = 64;

export interface CompactOptions {
  /** Name of the new block. */
  readonly ulid: string;
  readonly segmentBytes?: number;
}

/**
 * Merges blocks into a new one, without what is marked as deleted. Chunks that overlap nothing are taken over as they are; of those that
 * overlap the samples are merged, and of samples of the same time the earlier listed block's is kept. The old blocks are left alone.
 *
 * @returns what the new block's `meta.json` says, or `undefined`, and no block, where no samples are left
 * @throws {CorruptionError} when one of the blocks is damaged
 * @throws {StorageError}
 * @see Prometheus `tsdb/compact.go`, LeveledCompactor.Compact (3.x)
 */
export function compactBlocks(
  dbDir: string,
  blocks: readonly Block[],
  options: CompactOptions,
): Work<BlockMeta | undefined> {
  return rewrite(dbDir, blocks, { ...options, ...mergedMeta(blocks.map(({ meta }) => meta)) });
}

/**
 * Writes a block anew without what is marked as deleted in it.
 *
 * @returns what the new block's `meta.json` says, or `undefined`, and no block, where no samples are left
 */
export function cleanTombstones(dbDir: string, block: Block, options: CompactOptions): Work<BlockMeta | undefined> {
  const { ulid, minTime, maxTime, compaction } = block.meta;
  return rewrite(dbDir, [block], {
    ...options,
    minTime,
    maxTime,
    parents: [{ ulid, minTime, maxTime }],
    hints: compaction.hints,
  });
}

/** What the block made of these says of itself. */
export function mergedMeta(
  metas: readonly BlockMeta[],
): Pick<NewBlock, 'minTime' | 'maxTime'> & Required<Pick<NewBlock, 'level' | 'sources' | 'parents' | 'hints'>> {
  invariant(metas.length > 0, 'at least one block to merge');
  const hints = [FROM_SELECTED_SERIES, FROM_STALE_SERIES].filter((hint) =>
    metas.some(({ compaction }) => compaction.hints.includes(hint)),
  );
  if (metas.every(({ compaction }) => compaction.hints.includes(FROM_OUT_OF_ORDER))) hints.push(FROM_OUT_OF_ORDER);
  return {
    minTime: Math.min(...metas.map(({ minTime }) => minTime)),
    maxTime: Math.max(...metas.map(({ maxTime }) => maxTime)),
    level: Math.max(...metas.map(({ compaction }) => compaction.level)) + 1,
    sources: [...new Set(metas.flatMap(({ compaction }) => compaction.sources))].sort(),
    parents: metas.map(({ ulid, minTime, maxTime }) => ({ ulid, minTime, maxTime })),
    hints: hints.sort(),
  };
}

function* rewrite(dbDir: string, blocks: readonly Block[], block: NewBlock): Work<BlockMeta | undefined> {
  for (const one of blocks) one.retain();
  const builder = new BlockBuilder(dbDir, block);
  const scans: SeriesScan[] = [];
  try {
    const ordinals = yield* mergeSymbols(blocks, builder.index);
    for (let i = 0; i < blocks.length; i++) scans.push(new SeriesScan(blocks[i], ordinals[i]));
    const merger = new SeriesMerger(builder);
    for (let done = 1; ; done++) {
      const same = leastSeries(scans);
      if (same.length === 0) break;
      merger.write(same);
      for (const scan of same) scan.next();
      if (done % STEPS === 0) {
        yield undefined;
        yield* builder.chunks.settle();
      }
    }
    return yield* builder.finish();
  } finally {
    for (const scan of scans) scan.release();
    for (const one of blocks) one.release();
    builder.abandon();
  }
}

/** The scans that stand at the first series in label order. */
function leastSeries(scans: readonly SeriesScan[]): SeriesScan[] {
  let least: SeriesScan[] = [];
  for (const scan of scans) {
    if (scan.isDone) continue;
    const order = least.length === 0 ? -1 : scan.compare(least[0]);
    if (order < 0) least = [scan];
    else if (order === 0) least.push(scan);
  }
  return least;
}

/** A chunk of the series that is being merged. */
interface MergeChunk {
  readonly scan: SeriesScan;
  /** Position of its block among those listed. */
  readonly order: number;
  readonly chunk: number;
  readonly mint: number;
  readonly maxt: number;
  /** Some of its samples have been deleted. */
  readonly hasDeleted: boolean;
}

/** Writes one series from several blocks. */
class SeriesMerger {
  readonly #builder: BlockBuilder;
  readonly #times = new ChunkTimes();

  constructor(builder: BlockBuilder) {
    this.#builder = builder;
  }

  write(same: readonly SeriesScan[]): void {
    const times = this.#times;
    times.clear();
    const chunks = chunksOf(same);
    for (let from = 0; from < chunks.length;) {
      let to = from + 1;
      let { maxt } = chunks[from];
      for (; to < chunks.length && chunks[to].mint <= maxt; to++) maxt = Math.max(maxt, chunks[to].maxt);
      const [first] = chunks.slice(from, from + 1);
      if (to === from + 1 && !first.hasDeleted) this.#copy(first);
      else this.#merge(chunks.slice(from, to));
      from = to;
    }
    if (times.length === 0) return;
    const [{ symbols, length }] = same;
    this.#builder.index.addSeries(symbols, 0, length, times, 0, times.length);
  }

  /** Takes a chunk over as it is. */
  #copy({ scan, chunk, mint, maxt }: MergeChunk): void {
    scan.load(chunk);
    const { cursor } = scan;
    checkEncoding(scan);
    this.#builder.count(cursor.encoding, sampleCount(cursor.encoding, cursor.bytes, cursor.from));
    this.#times.push(mint, maxt, this.#builder.chunks.copy(cursor.bytes, cursor.frameFrom, cursor.to + 4));
  }

  #merge(chunks: readonly MergeChunk[]): void {
    if (chunks.every((chunk) => !chunk.hasDeleted) && areEqual(chunks)) {
      this.#copy(chunks[0]);
      return;
    }
    const listed = [...chunks].sort((a, b) => a.order - b.order);
    for (const chunk of encodeChunks(mergeSamples(listed.map(samplesOf)))) {
      this.#times.push(chunk.mint, chunk.maxt, this.#builder.addChunk(chunk));
    }
  }
}

/** The chunks of a series that are not deleted altogether, ascending. */
function chunksOf(same: readonly SeriesScan[]): MergeChunk[] {
  const chunks: MergeChunk[] = [];
  for (const [order, scan] of same.entries()) {
    const { intervals } = scan;
    for (let chunk = 0; chunk < scan.chunkCount; chunk++) {
      const mint = scan.mint(chunk);
      const maxt = scan.maxt(chunk);
      if (covers(intervals, mint, maxt)) continue;
      const hasDeleted = intervals !== undefined && touches(intervals, mint, maxt);
      chunks.push({ scan, order, chunk, mint, maxt, hasDeleted });
    }
  }
  if (same.length > 1) chunks.sort((a, b) => a.mint - b.mint || a.maxt - b.maxt);
  return chunks;
}

/** Whether all chunks are the same, as they are where two replicas have sent theirs. */
function areEqual(chunks: readonly MergeChunk[]): boolean {
  const [first, ...others] = chunks;
  if (others.some(({ mint, maxt }) => mint !== first.mint || maxt !== first.maxt)) return false;
  const { scan, chunk } = first;
  scan.load(chunk);
  const frame = scan.cursor.bytes.slice(scan.cursor.frameFrom, scan.cursor.to);
  return others.every((other) => {
    other.scan.load(other.chunk);
    const { bytes, frameFrom, to } = other.scan.cursor;
    return Buffer.compare(frame, bytes.subarray(frameFrom, to)) === 0;
  });
}

/** The samples of a chunk that are not deleted. */
function samplesOf({ scan, chunk, mint, maxt }: MergeChunk): SampleColumn {
  scan.load(chunk);
  checkEncoding(scan);
  const { bytes, from, to, encoding } = scan.cursor;
  const column = new SampleColumn();
  try {
    // Bounded by what the index says, so that a chunk that says otherwise cannot bring the order of the merged ones about.
    decodeChunk(bytes, from, to, encoding, undefined, column, mint, maxt);
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    throw new CorruptionError(error.reason, scan.cursor.where(error.offset ?? from), { cause: error });
  }
  const intervals: readonly Interval[] | undefined = scan.intervals;
  if (intervals !== undefined) dropDeleted(column, 0, intervals);
  return column;
}

function checkEncoding({ cursor }: SeriesScan): void {
  if (isKnownEncoding(cursor.encoding)) return;
  throw new CorruptionError(`Chunk has encoding ${cursor.encoding}, which is unknown`, cursor.where(cursor.from - 1));
}
