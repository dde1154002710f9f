import { Labels } from '../../src/model/index.ts';
import { silentLogger, systemClock } from '../../src/runtime/index.ts';
import { openDb } from '../../src/tsdb/index.ts';
import { SERIES, T0, valueOf } from './writer-data.ts';

// Commits batch after batch and says after each which one is safe, until it is killed.
const [, , dir, from] = process.argv;
const db = await openDb({ dir, clock: systemClock, logger: silentLogger, walSegmentBytes: 256 * 1024 });
for (let batch = Number(from); ; batch++) {
  const appender = db.appender();
  for (let s = 0; s < SERIES; s++) {
    const ref = appender.series(Labels.from({ __name__: 'm', s: String(s), batch: s % 5 === 0 ? String(batch) : '' }));
    appender.append(ref, T0 + batch * 1000, valueOf(s, batch));
  }
  appender.commit();
  process.stdout.write(`${batch}\n`);
}
