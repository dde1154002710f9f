import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels, SampleColumn } from '../../src/model/index.ts';
import { silentLogger, systemClock } from '../../src/runtime/index.ts';
import { ACCEPTED, DUPLICATE_TIMESTAMP, OUT_OF_BOUNDS, OUT_OF_ORDER } from '../../src/storage/index.ts';
import { openDb, type Db } from '../../src/tsdb/index.ts';
import { temporaryDir } from './fixtures.ts';

const T0 = 1_790_000_000_000;
const HALF_RANGE = 3_600_000;

type Step =
  | { readonly kind: 'append'; readonly series: number; readonly ahead: number; readonly value: number | 'stale' }
  | { readonly kind: 'commit' | 'rollback' | 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      series: fc.nat(6),
      ahead: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 1, max: 60_000 }) },
        fc.integer({ min: -20_000, max: 20_000 }),
        fc.integer({ min: -2 * HALF_RANGE, max: HALF_RANGE }),
      ),
      value: fc.oneof(
        fc.double({ noNaN: true }),
        fc.integer({ min: 0, max: 3 }),
        fc.constant('stale' as const),
        fc.constant(NaN),
      ),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'commit' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'rollback' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

/** What the store should hold, the plain way. */
class Model {
  readonly committed = new Map<number, [t: number, v: number | 'stale'][]>();
  maxt = -Infinity;

  verdict(series: number, t: number, v: number | 'stale', minT: number): number {
    const last = this.committed.get(series)?.at(-1);
    if (t < minT) return OUT_OF_BOUNDS;
    if (last === undefined || t > last[0]) return ACCEPTED;
    if (t === last[0]) return Object.is(last[1], v) ? ACCEPTED : DUPLICATE_TIMESTAMP;
    return OUT_OF_ORDER;
  }

  apply(series: number, t: number, v: number | 'stale'): void {
    const list = this.committed.get(series) ?? [];
    this.committed.set(series, list);
    const last = list.at(-1);
    if (last !== undefined && t <= last[0]) return;
    list.push([t, v]);
    this.maxt = Math.max(this.maxt, t);
  }
}

async function contents(db: Db): Promise<Map<number, [number, number | 'stale'][]>> {
  const querier = db.querier(-Infinity, Infinity);
  const { series } = await querier.select([], { sorted: true });
  const column = new SampleColumn();
  const found = new Map<number, [number, number | 'stale'][]>();
  for (const one of series) {
    column.reset();
    one.read(column, -Infinity, Infinity);
    found.set(
      Number(one.labels.get('i')),
      Array.from({ length: column.length }, (_, i) => [column.t[i], column.stale[i] === 1 ? 'stale' : column.v[i]]),
    );
  }
  querier.close();
  return found;
}

describe('A store', () => {
  it(
    'holds what a list per series would, whatever is appended, committed, rolled back and restarted',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 120 }), async (steps) => {
          const { dir, remove } = temporaryDir();
          const options = { dir, clock: systemClock, logger: silentLogger, walSegmentBytes: 32 * 1024 };
          let db = await openDb(options);
          const model = new Model();
          let appender = db.appender();
          let minT = -Infinity;
          let staged: [number, number, number | 'stale'][] = [];
          const begin = () => {
            appender = db.appender();
            minT = model.maxt - HALF_RANGE;
            staged = [];
          };
          for (const one of steps) {
            if (one.kind === 'append') {
              const t = (model.maxt === -Infinity ? T0 : model.maxt) + one.ahead;
              const ref = appender.series(Labels.from({ __name__: 'm', i: String(one.series) }));
              const verdict = one.value === 'stale' ? appender.appendStale(ref, t) : appender.append(ref, t, one.value);
              expect(verdict).toBe(model.verdict(one.series, t, one.value, minT));
              if (verdict === ACCEPTED) staged.push([one.series, t, one.value]);
              // The first sample of an empty store says where its time begins.
              if (minT === -Infinity && verdict === ACCEPTED) minT = t - HALF_RANGE;
            } else if (one.kind === 'rollback') {
              appender.rollback();
              begin();
            } else {
              appender.commit();
              for (const [series, t, v] of staged) model.apply(series, t, v);
              if (one.kind === 'restart') {
                await db.close();
                db = await openDb(options);
              }
              begin();
            }
          }
          appender.rollback();
          expect(await contents(db)).toEqual(model.committed);
          await db.close();
          remove();
        }),
        { numRuns: 60 },
      );
    },
  );
});
