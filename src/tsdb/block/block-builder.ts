import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { StorageError } from '../../storage/index.ts';
import { Tombstones } from '../tombstones.ts';
import { CREATION_SUFFIX } from './block-dirs.ts';
import { CHUNKS_DIR, isFloatEncoding, type EncodedChunk } from './chunk-layout.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { IndexWriter } from './index-writer.ts';
import { writeMeta, type BlockDescription, type BlockMeta } from './meta.ts';
import { syncDir } from './replace-file.ts';
import { writeTombstones } from './tombstone-file.ts';
import type { Work } from './work.ts';

/** What a new block is to be called and to say of itself. */
export interface NewBlock {
  readonly ulid: string;
  /** First instant, and first instant after it, ms. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Default 1. */
  readonly level?: number;
  /** Default: the block itself. */
  readonly sources?: readonly string[];
  readonly parents?: readonly BlockDescription[];
  readonly hints?: readonly string[];
  /** Default 512 MiB. */
  readonly segmentBytes?: number;
}

/**
 * A block in the making: a directory beside where it will stand, renamed when everything in it is on the disk. What a crash leaves behind
 * carries a suffix by which it is told.
 *
 * All methods throw `StorageError` when the disk does not take it.
 */
export class BlockBuilder {
  readonly #parentDir: string;
  readonly #dir: string;
  readonly #block: NewBlock;
  readonly index: IndexWriter;
  readonly chunks: ChunkWriter;
  #floats = 0;
  #histograms = 0;
  #chunkCount = 0;

  constructor(parentDir: string, block: NewBlock) {
    this.#parentDir = parentDir;
    this.#dir = path.join(parentDir, block.ulid + CREATION_SUFFIX);
    this.#block = block;
    try {
      rmSync(this.#dir, { recursive: true, force: true });
      mkdirSync(this.#dir, { recursive: true });
    } catch (error) {
      throw new StorageError(`Cannot create "${this.#dir}": ${(error as Error).message}`, { cause: error });
    }
    this.index = new IndexWriter(this.#dir);
    this.chunks = new ChunkWriter(this.#dir, block.segmentBytes);
  }

  /** Writes a chunk; returns its reference. */
  addChunk({ encoding, bytes, from, to, samples }: EncodedChunk): number {
    this.count(encoding, samples);
    return this.chunks.write(encoding, bytes, from, to);
  }

  /** Notes a chunk that was written in another way. */
  count(encoding: number, samples: number): void {
    this.#chunkCount++;
    if (isFloatEncoding(encoding)) this.#floats += samples;
    else this.#histograms += samples;
  }

  /** Completes the block and gives it its name; nothing comes of one without samples. */
  *finish(): Work<BlockMeta | undefined> {
    const numSamples = this.#floats + this.#histograms;
    if (numSamples === 0) {
      this.abandon();
      return undefined;
    }
    yield* this.chunks.finish();
    yield* this.index.finish();
    const { ulid, minTime, maxTime, level = 1, sources = [ulid], parents = [], hints = [] } = this.#block;
    const meta: BlockMeta = {
      ulid,
      minTime,
      maxTime,
      stats: {
        numSamples,
        numFloatSamples: this.#floats,
        numHistogramSamples: this.#histograms,
        numSeries: this.index.seriesCount,
        numChunks: this.#chunkCount,
        numTombstones: 0,
      },
      compaction: { level, sources, parents, hints, deletable: false, failed: false },
    };
    writeMeta(this.#dir, meta);
    writeTombstones(this.#dir, new Tombstones());
    const dir = path.join(this.#parentDir, ulid);
    try {
      syncDir(path.join(this.#dir, CHUNKS_DIR));
      syncDir(this.#dir);
      renameSync(this.#dir, dir);
      syncDir(this.#parentDir);
    } catch (error) {
      throw new StorageError(`Cannot create "${dir}": ${(error as Error).message}`, { cause: error });
    }
    return meta;
  }

  /** Removes what has been written. Safe to call twice, and after `finish`. */
  abandon(): void {
    this.index.close();
    this.chunks.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
