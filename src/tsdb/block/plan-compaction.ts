import { FROM_SELECTED_SERIES, FROM_STALE_SERIES, type BlockMeta } from './meta.ts';

const DAY_MS = 86_400_000;
/** Blocks are never merged to more than this. */
const MAX_RANGE_MS = 31 * DAY_MS;
/** Each range is so many of the one before. */
const RANGE_FACTOR = 3;
const RANGE_STEPS = 10;
/** A block of which so many series in a hundred have something deleted is worth writing anew. */
const DELETED_SHARE = 0.05;

/**
 * The widths blocks grow through, ms: the youngest blocks', three times that, nine times …, up to a tenth of the retention and 31 days.
 *
 * @param retentionMs 0: kept for ever
 * @see Prometheus `cmd/prometheus/main.go` and `tsdb/compact.go`, ExponentialBlockRanges (3.x)
 */
export function blockRanges(minRangeMs: number, retentionMs: number): number[] {
  const tenth = Math.floor(retentionMs / 10);
  const most = Math.max(minRangeMs, retentionMs > 0 ? Math.min(tenth, MAX_RANGE_MS) : MAX_RANGE_MS);
  const ranges: number[] = [];
  for (let range = minRangeMs; range <= most && ranges.length < RANGE_STEPS; range *= RANGE_FACTOR) ranges.push(range);
  return ranges;
}

/**
 * The blocks that are to be merged next, in the order of time, or the one that is to be written anew because much of it has been deleted;
 * none when there is nothing to do. After that has been done, ask again.
 *
 * @param ranges see `blockRanges`
 * @see Prometheus `tsdb/compact.go`, LeveledCompactor.plan (3.x)
 */
export function planCompaction(metas: readonly BlockMeta[], ranges: readonly number[]): readonly BlockMeta[] {
  // Blocks made of some series of the head only are merged among themselves, so that what they are stays known.
  const classes: BlockMeta[][] = [[], [], []];
  for (const meta of metas) {
    const { hints } = meta.compaction;
    classes[hints.includes(FROM_STALE_SERIES) ? 1 : hints.includes(FROM_SELECTED_SERIES) ? 2 : 0].push(meta);
  }
  for (const blocks of classes) {
    const plan = planClass(blocks, ranges);
    if (plan.length > 0) return plan;
  }
  return [];
}

function planClass(metas: readonly BlockMeta[], ranges: readonly number[]): readonly BlockMeta[] {
  const blocks = [...metas].sort((a, b) => a.minTime - b.minTime);
  const overlapping = firstOverlapping(blocks);
  if (overlapping.length > 0) return overlapping;
  // The youngest block is left alone for as long as it is the youngest: whoever copies blocks elsewhere gets it whole.
  blocks.pop();
  const adjacent = firstFullRange(blocks, ranges);
  return adjacent.length > 0 ? adjacent : mostlyDeleted(blocks, ranges);
}

/** The first blocks, in the order of time, that overlap one after another. */
function firstOverlapping(blocks: readonly BlockMeta[]): readonly BlockMeta[] {
  let from = 0;
  let maxTime = -Infinity;
  for (let i = 0; i < blocks.length; i++) {
    if (blocks[i].minTime >= maxTime) {
      if (i - from > 1) return blocks.slice(from, i);
      from = i;
    }
    maxTime = Math.max(maxTime, blocks[i].maxTime);
  }
  return blocks.length - from > 1 ? blocks.slice(from) : [];
}

/** The first blocks that fill a wider range, or share one that ends before the youngest block. */
function firstFullRange(blocks: readonly BlockMeta[], ranges: readonly number[]): readonly BlockMeta[] {
  const youngest = blocks[blocks.length - 1];
  if (youngest === undefined) return [];
  for (const range of ranges.slice(1)) {
    for (const group of groupsWithin(blocks, range)) {
      if (group.length < 2 || group.some(({ compaction }) => compaction.failed)) continue;
      const { minTime } = group[0];
      const { maxTime } = group[group.length - 1];
      if (maxTime - minTime === range || maxTime <= youngest.minTime) return group;
    }
  }
  return [];
}

/** The blocks by the aligned stretches of time of this width in which they lie; those that lie in none are left out. */
function groupsWithin(blocks: readonly BlockMeta[], range: number): BlockMeta[][] {
  const groups: BlockMeta[][] = [];
  for (let i = 0; i < blocks.length;) {
    const end = (Math.floor(blocks[i].minTime / range) + 1) * range;
    if (blocks[i].maxTime > end) {
      i++;
      continue;
    }
    const group: BlockMeta[] = [];
    for (; i < blocks.length && blocks[i].maxTime <= end; i++) group.push(blocks[i]);
    groups.push(group);
  }
  return groups;
}

/** The youngest wide block of which much has been deleted, or a narrow one of which everything has. */
function mostlyDeleted(blocks: readonly BlockMeta[], ranges: readonly number[]): readonly BlockMeta[] {
  const wide = ranges[Math.floor(ranges.length / 2)];
  for (let i = blocks.length - 1; i >= 0; i--) {
    const { minTime, maxTime, stats } = blocks[i];
    if (maxTime - minTime < wide) {
      return stats.numTombstones > 0 && stats.numTombstones >= stats.numSeries ? [blocks[i]] : [];
    }
    if (stats.numTombstones / (stats.numSeries + 1) > DELETED_SHARE) return [blocks[i]];
  }
  return [];
}
