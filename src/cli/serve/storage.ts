import type { StorageAdmin, StorageStatus } from '../../api/index.ts';
import { StorageError, type Appendable, type ExemplarQueryable, type Queryable } from '../../storage/index.ts';
import type { Db } from '../../tsdb/index.ts';

/**
 * The storage as the other parts see it: they are put together before it has read its log, so that the server can already tell how far it is.
 */
export class LateStorage implements Appendable, Queryable, ExemplarQueryable {
  #db: Db | undefined;
  #replay = { min: 0, max: 0, current: 0 };

  /** The storage has read its log. */
  open(db: Db): void {
    this.#db = db;
  }

  replaying(min: number, max: number, current: number): void {
    this.#replay = { min, max, current };
  }

  appender: Appendable['appender'] = () => this.#opened().appender();
  querier: Queryable['querier'] = (mint, maxt) => this.#opened().querier(mint, maxt);
  exemplars: ExemplarQueryable['exemplars'] = (mint, maxt, matchers) => this.#opened().exemplars(mint, maxt, matchers);

  readonly status: StorageStatus = {
    stats: (limit) => this.#opened().stats(limit),
    walReplay: () => this.#replay,
  };

  readonly admin: StorageAdmin = {
    deleteSeries: () => Promise.reject(notYet('Deleting series')),
    cleanTombstones: () => Promise.reject(notYet('Cleaning tombstones')),
    snapshot: () => Promise.reject(notYet('Taking a snapshot')),
  };

  get corruptions(): number {
    return this.#db?.walCorruptions ?? 0;
  }

  async close(): Promise<void> {
    await this.#db?.close();
  }

  #opened(): Db {
    if (this.#db === undefined) throw new StorageError('The storage is not ready: it is reading its write-ahead log');
    return this.#db;
  }
}

function notYet(what: string): StorageError {
  return new StorageError(`${what} is not available yet`);
}
