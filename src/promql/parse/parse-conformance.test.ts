import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../../test/shared.ts';
import { parseExpr } from './parser.ts';
import { printExpr } from './print.ts';

const dir = sharedDir('promqltest');
const files = dir === undefined ? [] : readdirSync(dir).filter((name) => name.endsWith('.test'));
const options = {
  enableExperimentalFunctions: true,
  enableExtendedRangeSelectors: true,
  enableBinopFillModifiers: true,
};

/** The queries of a script; also those that fail must parse, they fail when they are evaluated. */
function queriesOf(script: string): string[] {
  const line = /^\s*eval(?:_\w+)?\s+(?:instant\s+at\s+\S+|range\s+from\s+\S+\s+to\s+\S+\s+step\s+\S+)\s+(\S.*)$/gm;
  return [...script.matchAll(line)].map(([, query]) => query!.trimEnd());
}

describe.skipIf(dir === undefined)('every query of Prometheus’s own scripts parses', () => {
  it.each(files)('in %s', (file) => {
    const queries = queriesOf(readFileSync(path.join(dir!, file), 'utf8'));
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const printed = printExpr(parseExpr(query, options));
      expect(printExpr(parseExpr(printed, options))).toBe(printed);
    }
  });
});
