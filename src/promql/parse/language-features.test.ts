import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../../test/shared.ts';
import { languageFeatures } from './language-features.ts';

type Features = Record<string, Record<string, boolean>>;

const dir = sharedDir('cmd-prometheus');

describe('languageFeatures', () => {
  it('follows the options', () => {
    const off = languageFeatures();
    const on = languageFeatures({
      enableExperimentalFunctions: true,
      enableExtendedRangeSelectors: true,
      enableBinopFillModifiers: true,
    });
    expect([off.promql.smoothed, off.promql.fill_left, off.promql_operators.limitk, off.promql_functions.info]).toEqual(
      Array(4).fill(false),
    );
    expect(Object.values(on).flatMap((category: Record<string, boolean>) => Object.values(category))).not.toContain(
      false,
    );
  });

  it.skipIf(dir === undefined)('are the words of Prometheus, on and off as there', () => {
    const body = JSON.parse(readFileSync(path.join(dir!, 'features.json'), 'utf8')) as Features & { data?: Features };
    const theirs = body.data ?? body;
    const ours = languageFeatures();
    expect(ours.promql_operators).toEqual(theirs.promql_operators);
    expect(ours.promql_functions).toEqual(theirs.promql_functions);
    expect(theirs.promql).toMatchObject(ours.promql);
  });
});
