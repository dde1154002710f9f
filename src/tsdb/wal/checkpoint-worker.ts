import { parentPort, workerData } from 'node:worker_threads';
import { loadZstd } from '../../bytes/index.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { CheckpointJob } from './checkpoint-job.ts';

// Runs in a thread of its own: reading a gigabyte of log must not hold up anything else.
const job = workerData as CheckpointJob;
const kept = new Uint8Array(job.kept);
const stats = writeCheckpoint({
  ...job,
  keep: (ref) => (kept[ref >>> 3] & (1 << (ref & 7))) !== 0,
  zstd: await loadZstd(),
});
parentPort?.postMessage(stats);
