import { spawn } from 'node:child_process';
import path from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SampleColumn } from '../../src/model/index.ts';
import { systemClock } from '../../src/runtime/index.ts';
import { openDb } from '../../src/tsdb/index.ts';
import { recordingLogger, temporaryDir } from './fixtures.ts';
import { SERIES, T0, valueOf } from './writer-data.ts';

const built = temporaryDir();
const program = path.join(built.dir, 'writer.mjs');

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: path.join(import.meta.dirname, 'writer-process.ts'),
      outDir: built.dir,
      rolldownOptions: { output: { entryFileNames: 'writer.mjs' } },
    },
  });
}, 60_000);

afterAll(built.remove);

/** Runs the writer until it has acknowledged some batches, kills it, and returns the last one acknowledged. */
async function writeAndKill(dir: string, from: number, batches: number): Promise<number> {
  const child = spawn(process.execPath, [program, dir, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let last = from - 1;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for await (const chunk of child.stdout) {
    text += String(chunk);
    const complete = text.lastIndexOf('\n');
    if (complete > 0) last = Number(text.slice(text.lastIndexOf('\n', complete - 1) + 1, complete));
    if (last >= from + batches) child.kill('SIGKILL');
  }
  await ended;
  return last;
}

describe('A store whose process is killed', () => {
  it('has every batch that was acknowledged, whole, time after time', { timeout: 60_000 }, async () => {
    const { dir, remove } = temporaryDir();
    let next = 0;
    for (let round = 0; round < 4; round++) {
      const acknowledged = await writeAndKill(dir, next, 40 + 37 * round);
      const logger = recordingLogger();
      const db = await openDb({ dir, clock: systemClock, logger });
      const querier = db.querier(-Infinity, Infinity);
      const { series } = await querier.select([], { sorted: false });
      const column = new SampleColumn();
      const perBatch = new Map<number, number>();
      for (const one of series) {
        column.reset();
        one.read(column, -Infinity, Infinity);
        for (let i = 0; i < column.length; i++) {
          const batch = (column.t[i] - T0) / 1000;
          perBatch.set(batch, (perBatch.get(batch) ?? 0) + 1);
          expect(column.v[i]).toBe(valueOf(Number(one.labels.get('s')), batch));
        }
      }
      querier.close();
      await db.close();
      // One batch more may be in the log: it was written, and the process died before it could say so.
      next = Math.max(...perBatch.keys()) + 1;
      expect(next - 1).toBeGreaterThanOrEqual(acknowledged);
      expect(next - 1).toBeLessThanOrEqual(acknowledged + 1_000);
      for (let batch = 0; batch < next; batch++) expect(perBatch.get(batch)).toBe(SERIES);
    }
    remove();
  });
});
