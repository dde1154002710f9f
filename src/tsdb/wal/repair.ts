import * as fs from 'node:fs';
import path from 'node:path';
import type { Zstd } from '../../bytes/index.ts';
import { readSegment, type SegmentReport } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';
import { segmentName, type Compression } from './layout.ts';

/** A rewritten segment has to stay one file, however its records compress now. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/**
 * Makes a segment one that every reader accepts: a torn end is cut off, and a damaged segment is written anew with the records that can be
 * read. The old file is replaced only when the new one is complete.
 *
 * @throws when the directory cannot be written
 */
export function repairSegment(
  dir: string,
  segment: number,
  report: SegmentReport,
  options: { compression: Compression; zstd?: Zstd },
): void {
  const file = path.join(dir, segmentName(segment));
  if (report.corruptions.length === 0) {
    if (report.isTorn) fs.truncateSync(file, report.end);
    return;
  }
  const temporary = path.join(dir, `repair.${segmentName(segment)}.tmp`);
  fs.rmSync(temporary, { recursive: true, force: true });
  const writer = SegmentWriter.open(temporary, { ...options, segmentBytes: UNBOUNDED });
  try {
    readSegment(file, (record) => writer.append([record]), options.zstd);
  } finally {
    writer.close();
  }
  fs.renameSync(path.join(temporary, segmentName(0)), file);
  fs.rmSync(temporary, { recursive: true, force: true });
}
