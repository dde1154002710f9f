import { compareText, type Labels } from '../../model/index.ts';
import { invariant } from '../../runtime/index.ts';
import { BlockBuilder, type NewBlock } from './block-builder.ts';
import type { EncodedChunk } from './chunk-layout.ts';
import type { BlockMeta } from './meta.ts';
import type { Work } from './work.ts';

/** A series that is to be written. */
export interface SourceSeries {
  readonly labels: Labels;
  /** Its chunks, ascending in time and apart from each other; asked for once, when the series is written. See `encodeChunks`. */
  chunks(): Iterable<EncodedChunk>;
}

/** Where the series of a new block come from. */
export interface BlockSource {
  /**
   * Every label name and value of the series, in byte order, each once; more than occur are allowed. Where it is missing they are gathered by
   * going through `series` once before.
   */
  symbols?(): Iterable<string>;
  /** The series in label order (`compareLabels`), each once. A series without chunks is left out. */
  series(): Iterable<SourceSeries>;
}

/** Series, or symbols, between two points where something else may be done. */
const STEPS = 256;
const utf8 = new TextEncoder();

/**
 * Writes the series of a source as a new block into a database's directory.
 *
 * @returns what its `meta.json` says, or `undefined`, and no block, where there were no samples
 * @throws {StorageError} when the disk does not take it; nothing is left then
 */
export function* writeBlock(dbDir: string, source: BlockSource, block: NewBlock): Work<BlockMeta | undefined> {
  const builder = new BlockBuilder(dbDir, block);
  try {
    const ordinals = yield* writeSymbols(builder, source);
    const chunks = new ChunkTimes();
    let symbols = new Uint32Array(32);
    let written = 0;
    for (const series of source.series()) {
      chunks.clear();
      for (const chunk of series.chunks()) chunks.push(chunk.mint, chunk.maxt, builder.addChunk(chunk));
      if (chunks.length === 0) continue;
      const { pairs } = series.labels;
      if (pairs.length > symbols.length) symbols = new Uint32Array(pairs.length * 2);
      for (let i = 0; i < pairs.length; i++) {
        const ordinal = ordinals.get(pairs[i]);
        invariant(ordinal !== undefined, 'every label name and value among the symbols');
        symbols[i] = ordinal;
      }
      builder.index.addSeries(symbols, 0, pairs.length, chunks, 0, chunks.length);
      if (++written % STEPS === 0) {
        yield undefined;
        yield* builder.chunks.settle();
      }
    }
    return yield* builder.finish();
  } finally {
    builder.abandon();
  }
}

/** Returns the number of each symbol. */
function* writeSymbols(builder: BlockBuilder, source: BlockSource): Work<Map<string, number>> {
  const ordinals = new Map<string, number>();
  let last: string | undefined;
  for (const symbol of source.symbols?.() ?? (yield* gatherSymbols(source))) {
    invariant(last === undefined || compareText(last, symbol) < 0, 'symbols in byte order, each once');
    last = symbol;
    const bytes = utf8.encode(symbol);
    ordinals.set(symbol, builder.index.addSymbol(bytes, 0, bytes.length));
    if (ordinals.size % STEPS === 0) yield undefined;
  }
  builder.index.endSymbols();
  return ordinals;
}

function* gatherSymbols(source: BlockSource): Work<string[]> {
  const symbols = new Set<string>();
  let seen = 0;
  for (const { labels } of source.series()) {
    for (const text of labels.pairs) symbols.add(text);
    if (++seen % STEPS === 0) yield undefined;
  }
  return [...symbols].sort(compareText);
}

/** Times and references of the chunks of one series, in the form the index takes them. */
export class ChunkTimes {
  mint = new Float64Array(16);
  maxt = new Float64Array(16);
  chunkRefs = new Float64Array(16);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  push(mint: number, maxt: number, ref: number): void {
    const i = this.length;
    if (i === this.mint.length) {
      this.mint = doubled(this.mint);
      this.maxt = doubled(this.maxt);
      this.chunkRefs = doubled(this.chunkRefs);
    }
    this.mint[i] = mint;
    this.maxt[i] = maxt;
    this.chunkRefs[i] = ref;
    this.length = i + 1;
  }
}

function doubled(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
