import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import type { EngineOptions } from './engine.ts';
import { runScript } from './promqltest/index.ts';
import { scriptEngine } from './testing/script-engine.ts';

/** What Prometheus's own run of the scripts turns on. */
const upstream: EngineOptions = {
  language: { enableExperimentalFunctions: true, enableExtendedRangeSelectors: true, enableBinopFillModifiers: true },
  delayedNameRemoval: true,
  useStartTimestamps: true,
  maxSamples: 10_000,
};

/** Lines of `eval` commands that do not give what the script expects, by file. The goal is that there are none. */
const pending: Readonly<Record<string, readonly number[]>> = {};

/**
 * Lines whose expectation is one of delayed name removal: metric names in annotations, names written back by `label_replace`, series of
 * several metrics in one function, matching by `__type__`. Everything else has to hold without it as well, which is how a server runs.
 */
const delayedOnly: Readonly<Record<string, readonly number[]>> = {
  'histograms.test': [1158, 1163, 1168, 1179, 1184, 1189, 1200, 1205, 1210, 1223, 1228, 1233],
  'name_label_dropping.test': [59, 64, 69, 74, 89, 115, 119, 123],
  'native_histograms.test': [1616, 1621, 1626, 1631, 1635, 1639, 1644, 1648, 1653, 1908, 1911, 1914, 1917],
  'type_and_unit.test': [77, 92, 222, 237],
};

const dir = sharedDir('promqltest');
const scripts = dir === undefined ? [] : readdirSync(dir).filter((file) => file.endsWith('.test'));

async function failingLines(file: string, options: EngineOptions): Promise<readonly number[]> {
  const report = await runScript(readFileSync(path.join(dir!, file), 'utf8'), scriptEngine(options));
  expect(report.evals).toBeGreaterThan(0);
  return report.failures.map(({ line }) => line);
}

describe.skipIf(dir === undefined)('Prometheus test scripts', () => {
  it.each(scripts)('%s gives what it expects, but for what is listed as pending', async (file) => {
    expect(await failingLines(file, upstream)).toEqual(pending[file] ?? []);
  });

  it.each(scripts)(
    '%s gives the same when names are dropped at once, but where the script is about that',
    async (file) => {
      const lines = await failingLines(file, { ...upstream, delayedNameRemoval: false });
      expect(lines).toEqual(delayedOnly[file] ?? pending[file] ?? []);
    },
  );

  it('lists no file that is not there', () => {
    for (const file of [...Object.keys(pending), ...Object.keys(delayedOnly)]) expect(scripts).toContain(file);
  });
});
