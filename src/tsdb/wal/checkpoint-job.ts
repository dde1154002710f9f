import { Worker } from 'node:worker_threads';
import { loadZstd } from '../../bytes/index.ts';
import { StorageError } from '../../storage/index.ts';
import { writeCheckpoint, type CheckpointStats } from './checkpoint.ts';
import type { Compression } from './format.ts';

/** What a checkpoint needs to know, in a form that another thread can be given. */
export interface CheckpointJob {
  readonly dir: string;
  readonly to: number;
  readonly mint: number;
  readonly compression: Compression;
  /** A bit for each ref: whether the series is kept. */
  readonly kept: ArrayBuffer | SharedArrayBuffer;
}

/** Writes a checkpoint in another thread, or in this one where the program runs from its TypeScript sources. @throws {StorageError} */
export async function runCheckpoint(job: CheckpointJob): Promise<CheckpointStats> {
  if (import.meta.url.endsWith('.ts')) {
    const kept = new Uint8Array(job.kept);
    return writeCheckpoint({
      ...job,
      keep: (ref) => (kept[ref >>> 3] & (1 << (ref & 7))) !== 0,
      zstd: await loadZstd(),
    });
  }
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./checkpoint-worker.js', import.meta.url), { workerData: job });
    worker.once('message', resolve);
    worker.once('error', (cause) => {
      reject(new StorageError(cause.message, { cause }));
    });
    worker.once('exit', (code) => {
      reject(new StorageError(`The thread that writes a checkpoint of ${job.dir} ended with code ${code}`));
    });
  });
}
