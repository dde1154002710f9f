export { openDb, type Db, type DbOptions } from './db.ts';
export type { ReplayProgress } from './wal/wal-replay.ts';
export type { Compression } from './wal/format.ts';
export type { Cardinality, HeadStats } from './head-stats.ts';
