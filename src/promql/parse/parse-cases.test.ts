import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ParseError } from './parse-error.ts';
import { parseExpr } from './parser.ts';
import { printExpr } from './print.ts';

/**
 * Query, then the tree as `dump` prints it, or the faults as `start-end: message`.
 *
 * The cases say what Prometheus says: they were taken from the table in its `promql/parser/parse_test.go` (Apache License 2.0), where raw
 * bytes cannot be written here, and one case of ten thousand operators, left out.
 */
type Case = readonly [query: string, tree: string | null, faults: readonly string[]];

const cases = JSON.parse(readFileSync(fileURLToPath(new URL('parse-cases.json', import.meta.url)), 'utf8')) as Case[];
const options = { enableExperimentalFunctions: true, enableExtendedRangeSelectors: true };

/** A tree on one line: kinds with positions and what is not empty. */
export function dump(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dump).join(' ')}]`;
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const { kind, pos, ...rest } = value as { kind?: string; pos?: { start: number; end: number } };
  const fields = Object.entries(rest)
    .filter(([, field]) => field !== undefined && field !== false && !(Array.isArray(field) && field.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${name}=${name === 'func' ? (field as { name: string }).name : dump(field)}`);
  return `${kind ?? ''}${pos ? `@${pos.start}-${pos.end}` : ''}(${fields.join(' ')})`;
}

describe('parseExpr agrees with Prometheus', () => {
  it.each(cases.filter(([, tree]) => tree !== null))('on the tree of %s', (query, tree) => {
    expect(dump(parseExpr(query, options))).toBe(tree);
  });

  it.each(cases.filter(([, tree]) => tree === null))('on what is wrong with %s', (query, _, faults) => {
    try {
      parseExpr(query, options);
      expect.unreachable('the query must be rejected');
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      const found = error.faults.map(({ message, pos }) => `${pos.start}-${pos.end}: ${message}`);
      // Prometheus resumes after a syntax error, but shows the first fault only.
      expect(found).toEqual(faults.slice(0, found.length));
      expect(found.length).toBeGreaterThan(0);
    }
  });

  it.each(cases.filter(([, tree]) => tree !== null))('and prints %s so that it means the same', (query) => {
    const printed = printExpr(parseExpr(query, options));
    expect(printExpr(parseExpr(printed, options))).toBe(printed);
  });
});
