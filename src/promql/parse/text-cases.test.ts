import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LexFailure, Lexer } from './lexer.ts';
import { parseExpr } from './parser.ts';
import { prettify } from './prettify.ts';
import { printExpr } from './print.ts';
import * as T from './token.ts';

/** Taken from Prometheus's `printer_test.go`, `prettier_test.go` and `lex_test.go` in `promql/parser` (Apache License 2.0). */
interface TextCases {
  /** Query and canonical text; `''` where it is the query itself. */
  readonly print: readonly (readonly [query: string, text: string])[];
  readonly pretty: readonly (readonly [maxLineBytes: number, query: string, text: string])[];
  /** Kind, byte position and text of each token; `null` where the lexer must give up. */
  readonly tokens: readonly (readonly [input: string, tokens: readonly (readonly [string, number, string])[] | null])[];
}

const file = fileURLToPath(new URL('text-cases.json', import.meta.url));
const { print, pretty, tokens } = JSON.parse(readFileSync(file, 'utf8')) as TextCases;
const everything = {
  enableExperimentalFunctions: true,
  enableExtendedRangeSelectors: true,
  enableBinopFillModifiers: true,
};

const kindNames = new Map<unknown, string>(
  Object.entries(T)
    .filter(([name]) => !/PRECEDENCE|LONGEST/.test(name))
    .map(([name, kind]) => [kind, name]),
);

function lex(input: string): [string, number, string][] {
  const lexer = new Lexer(input, false);
  const found: [string, number, string][] = [];
  for (lexer.next(); lexer.kind !== T.EOF; lexer.next()) {
    found.push([kindNames.get(lexer.kind)!, lexer.byteStart, lexer.text]);
  }
  return found;
}

describe('printExpr agrees with Prometheus', () => {
  it.each(print)('on the text of %s', (query, text) => {
    expect(printExpr(parseExpr(query, everything))).toBe(text || query);
  });
});

describe('prettify agrees with Prometheus', () => {
  it.each(pretty)('within %d bytes on %s', (maxLineBytes, query, text) => {
    expect(prettify(parseExpr(query, everything), maxLineBytes)).toBe(text);
  });
});

describe('the lexer agrees with Prometheus', () => {
  it.each(tokens.filter(([, expected]) => expected !== null))('on the tokens of %j', (input, expected) => {
    expect(lex(input)).toEqual(expected);
  });

  it.each(tokens.filter(([, expected]) => expected === null))('on giving up on %j', (input) => {
    expect(() => lex(input)).toThrow(LexFailure);
  });
});
