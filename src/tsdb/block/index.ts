export { Block, type BlockOptions } from './block.ts';
export type { NewBlock } from './block-builder.ts';
export { blockDirs, deleteBlockDir, removeLeftovers } from './block-dirs.ts';
export type { EncodedChunk } from './chunk-layout.ts';
export { cleanTombstones, compactBlocks, type CompactOptions } from './compact-blocks.ts';
export { encodeChunks, SAMPLES_PER_CHUNK } from './encode-chunks.ts';
export {
  FROM_OUT_OF_ORDER,
  FROM_SELECTED_SERIES,
  FROM_STALE_SERIES,
  readMeta,
  writeMeta,
  type BlockMeta,
  type BlockStats,
} from './meta.ts';
export { blockRanges, planCompaction } from './plan-compaction.ts';
export { ReadBuffers } from './read-buffers.ts';
export { beyondSize, beyondTime, replaced, type RetainedBlock } from './retention.ts';
export { runInSlices, runNow, type SliceOptions, type Work } from './work.ts';
export { writeBlock, type BlockSource, type SourceSeries } from './write-block.ts';
