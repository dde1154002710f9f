import { fsync, fsyncSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * A long task in small steps: it yields whenever something else may be done, and yields a file descriptor that has to be flushed to the disk
 * before it goes on. Ending it early (`return`, `throw`) undoes what it has begun.
 */
export type Work<T> = Generator<number | undefined, T, void>;

const flush = promisify(fsync);

/** Does the work at once: for a thread that has nothing else to do. */
export function runNow<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (step.value === undefined) continue;
    try {
      fsyncSync(step.value);
    } catch (error) {
      work.throw(error);
    }
  }
}

export interface SliceOptions {
  /** How long to work before others get their turn, ms. */
  readonly sliceMs: number;
  readonly signal?: AbortSignal;
  /** Milliseconds from any beginning. Default `performance.now`. */
  readonly now?: () => number;
}

/** Does the work between other tasks of the event loop. Rejects with the signal's reason, everything undone, when it is aborted. */
export async function runInSlices<T>(work: Work<T>, options: SliceOptions): Promise<T> {
  const { sliceMs, signal, now = () => performance.now() } = options;
  let until = now() + sliceMs;
  for (;;) {
    if (signal?.aborted === true) work.throw(signal.reason);
    const step = work.next();
    if (step.done === true) return step.value;
    if (step.value !== undefined) {
      try {
        await flush(step.value);
      } catch (error) {
        work.throw(error);
      }
    } else if (now() < until) continue;
    else await new Promise((resolve) => setImmediate(resolve));
    until = now() + sliceMs;
  }
}
