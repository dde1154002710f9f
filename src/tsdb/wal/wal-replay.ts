import { existsSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import type { Zstd } from '../../bytes/index.ts';
import type { Logger } from '../../runtime/index.ts';
import { StorageError } from '../../storage/index.ts';
import { checkpointIndex, checkpointName, segmentName } from './format.ts';
import { LogReader, type LogDamage } from './log-reader.ts';
import { listSegments } from './log-writer.ts';
import { RecordDecoder, type RecordSink } from './record-decode.ts';

/** How far a replay has come: segment numbers, the first, the last and the one being read. */
export interface ReplayProgress {
  readonly min: number;
  readonly max: number;
  readonly current: number;
}

export interface WalReplayOptions {
  readonly dir: string;
  readonly logger: Logger;
  readonly zstd?: Zstd;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface WalReplayResult {
  /** First segment that is not covered by a checkpoint, and the last one there is; -1 where there is none. */
  readonly firstSegment: number;
  readonly lastSegment: number;
  /** Places at which the log was damaged; what lay behind them in the log is gone. */
  readonly damages: readonly LogDamage[];
  readonly bytes: number;
}

/** Number of the newest complete checkpoint in a log directory, or -1. */
export function lastCheckpoint(dir: string): number {
  if (!existsSync(dir)) return -1;
  return readdirSync(dir).reduce((last, name) => Math.max(last, checkpointIndex(name) ?? -1), -1);
}

/**
 * Reads the newest checkpoint and the segments behind it into a sink.
 *
 * A damaged record ends the log: what stands before it is kept, what stands behind it, later segments included, is removed, because it may
 * build on what was lost. A torn record at the end is what a killed process leaves.
 *
 * @throws {StorageError} when segments are missing or a file cannot be read
 */
export function replayWal(options: WalReplayOptions, sink: RecordSink): WalReplayResult {
  const { dir, logger } = options;
  const decoder = new RecordDecoder();
  const damages: LogDamage[] = [];
  let bytes = 0;
  const checkpoint = lastCheckpoint(dir);
  const decode = (record: Uint8Array, from: number, to: number) => {
    decoder.decode(record, from, to, sink);
  };

  if (checkpoint >= 0) {
    const checkpointDir = path.join(dir, checkpointName(checkpoint));
    const reader = new LogReader(checkpointDir, options.zstd);
    for (const segment of listSegments(checkpointDir)) {
      const damage = reader.readSegment(segment, decode);
      if (damage === undefined) continue;
      damages.push(damage);
      logger.error('Checkpoint is damaged; its records behind this place are lost', placeOf(damage));
      break;
    }
    bytes += reader.bytesRead;
  }

  const segments = listSegments(dir).filter((segment) => segment > checkpoint);
  checkContinuous(dir, segments);
  const reader = new LogReader(dir, options.zstd);
  const last = segments.at(-1) ?? -1;
  for (const segment of segments) {
    options.onProgress?.({ min: segments[0], max: last, current: segment });
    const damage = reader.readSegment(segment, decode);
    if (damage === undefined) continue;
    damages.push(damage);
    repair(dir, damage, segments, logger);
    break;
  }
  bytes += reader.bytesRead;
  if (decoder.unknownSchemas > 0) {
    logger.warn('Histograms of unknown schemas were passed over', { count: decoder.unknownSchemas });
  }
  return {
    firstSegment: segments[0] ?? -1,
    lastSegment: listSegments(dir).at(-1) ?? -1,
    damages,
    bytes,
  };
}

/** Cuts the log off at the damage. */
function repair(dir: string, damage: LogDamage, segments: readonly number[], logger: Logger): void {
  const file = path.join(dir, segmentName(damage.segment));
  const size = statSync(file).size;
  const dropped = segments.filter((segment) => segment > damage.segment);
  logger.warn('Log is damaged; what stands before is kept', {
    ...placeOf(damage),
    kept_bytes: damage.offset,
    dropped_bytes: size - damage.offset,
    dropped_segments: dropped.length,
  });
  try {
    truncateSync(file, damage.offset);
    for (const segment of dropped) rmSync(path.join(dir, segmentName(segment)));
  } catch (cause) {
    throw new StorageError(`Cannot repair the log at ${file}: ${(cause as Error).message}`, { cause });
  }
}

function placeOf(damage: LogDamage): { file: string | undefined; offset: number | undefined; reason: string } {
  return { file: damage.error.file, offset: damage.error.offset, reason: damage.error.reason };
}

function checkContinuous(dir: string, segments: readonly number[]): void {
  for (let i = 1; i < segments.length; i++) {
    if (segments[i] !== segments[i - 1] + 1) {
      throw new StorageError(
        `Log ${dir} lacks segments: ${segmentName(segments[i - 1])} is followed by ${segmentName(segments[i])}`,
      );
    }
  }
}
