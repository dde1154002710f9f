import type { BlockMeta } from './meta.ts';

/** A block as retention looks at it. */
export interface RetainedBlock {
  readonly meta: BlockMeta;
  /** Bytes on disk. */
  readonly size: number;
}

/**
 * The blocks that are older than the retention: those that end so much before the youngest one ends, and all that end before them.
 *
 * @param retentionMs 0: kept for ever
 * @see Prometheus `tsdb/db.go`, BeyondTimeRetention (3.x)
 */
export function beyondTime<B extends RetainedBlock>(blocks: readonly B[], retentionMs: number): B[] {
  if (retentionMs === 0) return [];
  const [youngest, ...others] = youngestFirst(blocks);
  return others.filter(({ meta }) => youngest.meta.maxTime - meta.maxTime >= retentionMs);
}

/**
 * The oldest blocks that have to go for the rest to fit.
 *
 * @param maxBytes 0: no limit
 * @param otherBytes what log and head chunks take of it
 * @see Prometheus `tsdb/db.go`, BeyondSizeRetention (3.x)
 */
export function beyondSize<B extends RetainedBlock>(blocks: readonly B[], maxBytes: number, otherBytes: number): B[] {
  if (maxBytes <= 0) return [];
  const ordered = youngestFirst(blocks);
  let used = otherBytes;
  for (let i = 0; i < ordered.length; i++) {
    used += ordered[i].size;
    if (used > maxBytes) return ordered.slice(i);
  }
  return [];
}

/**
 * The blocks that have been replaced: by a block that names them as parents, or by nothing, where merging left nothing of them. That a crash
 * came before they were deleted does not matter then.
 */
export function replaced<B extends RetainedBlock>(blocks: readonly B[]): B[] {
  const parents = new Set(blocks.flatMap(({ meta }) => meta.compaction.parents.map(({ ulid }) => ulid)));
  return blocks.filter(({ meta }) => meta.compaction.deletable || parents.has(meta.ulid));
}

function youngestFirst<B extends RetainedBlock>(blocks: readonly B[]): B[] {
  return [...blocks].sort((a, b) => b.meta.maxTime - a.meta.maxTime);
}
