import { closeSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../runtime/index.ts';

/**
 * The files that failed scrapes are written to (`scrape_failure_log_file`), one JSON object a line. Jobs that name the same file share it.
 */
export class FailureLogs {
  readonly #clock: Clock;
  #descriptors = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens exactly these files, anew where they were open, so that they can be rotated. @throws when one cannot be opened; the old ones stay */
  reopen(files: readonly string[]): void {
    const opened = new Map<string, number>();
    try {
      for (const file of new Set(files)) opened.set(file, openSync(file, 'a'));
    } catch (cause) {
      for (const descriptor of opened.values()) closeSync(descriptor);
      throw new Error(`Cannot open the scrape failure log: ${(cause as Error).message}`, { cause });
    }
    const previous = this.#descriptors;
    this.#descriptors = opened;
    for (const descriptor of previous.values()) closeSync(descriptor);
  }

  /** Nothing happens for a file that is not open. */
  write(file: string, job: string, url: string, error: string): void {
    const descriptor = this.#descriptors.get(file);
    if (descriptor === undefined) return;
    const line = {
      time: new Date(this.#clock.now()).toISOString(),
      level: 'ERROR',
      msg: error,
      job_name: job,
      target: url,
    };
    try {
      // At once: after a reload the number of the descriptor may belong to another file.
      writeSync(descriptor, `${JSON.stringify(line)}\n`);
    } catch {
      // A full disk must not stop scraping, and there is nobody to tell but the log that cannot be written.
    }
  }

  /** Safe to call twice. */
  close(): void {
    this.reopen([]);
  }
}
