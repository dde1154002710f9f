import {
  type FloatHistogram,
  INCOMPATIBLE_SCHEMAS,
  Labels,
  METRIC_NAME,
  addHistogram,
  copyHistogram,
  quoteGo,
  subHistogram,
} from '../../model/index.ts';
import { LexFailure } from '../parse/lexer.ts';
import { parseString } from '../parse/literal.ts';
import { ParseError } from '../parse/parse-error.ts';
import { SyntaxFailure, TokenReader } from '../parse/token-reader.ts';
import * as T from '../parse/token.ts';
import { scanHistogram } from './histogram-notation.ts';
import { MAX_VALUES, OMITTED, STALE, type SequenceValue, type SeriesDescription } from './sequence.ts';
import { TextScanner } from './text-scanner.ts';

const PLACE = 'series values';

/**
 * A series with its values in the notation of scripts and rule unit tests: `name{label="value"} 1 2+3x2 _ stale {{schema:1 count:3}}`.
 *
 * @throws {ParseError}
 * @see Prometheus `promql/parser`, ParseSeriesDesc (3.14)
 */
export function parseSeriesDescription(text: string): SeriesDescription {
  const [labels, end] = parseLabels(text);
  const scanner = new TextScanner(text, end);
  const values: SequenceValue[] = [];
  while (!scanner.atEnd) {
    if (!scanner.skipSpaces()) scanner.unexpected(PLACE, '');
    if (!scanner.atEnd) scanItem(scanner, values);
  }
  return { labels, values };
}

/** The labels of a metric alone, such as `name{label="value"}`. @throws {ParseError} */
export function parseMetric(text: string): Labels {
  const [labels, end] = parseLabels(text);
  const scanner = new TextScanner(text, end);
  scanner.skipSpaces();
  if (!scanner.atEnd) scanner.unexpected('metric', '');
  return labels;
}

/** The metric at the beginning of a text, and where it ends. */
function parseLabels(text: string): [labels: Labels, end: number] {
  const reader = new TokenReader(text, {});
  const { lexer } = reader;
  const pairs: [string, string][] = [];
  let end = 0;
  try {
    const kind = reader.peek();
    if (T.isMetricName[kind] === 1) {
      pairs.push([METRIC_NAME, lexer.text]);
      end = lexer.end;
      reader.advance();
    }
    if (kind === T.LEFT_BRACE || (end > 0 && text[end] === '{')) {
      reader.peek();
      parseLabelSet(reader, pairs);
      end = lexer.end;
    }
  } catch (error) {
    if (error instanceof LexFailure) {
      reader.fault(error.message, { start: error.start, end: Buffer.byteLength(text) });
    } else if (!(error instanceof SyntaxFailure)) throw error;
  }
  if (reader.faults.length > 0) throw new ParseError(text, reader.faults);
  // The name outside of the braces wins.
  const [first] = pairs;
  if (first?.[0] === METRIC_NAME) pairs.push(first);
  return [Labels.fromPairs(pairs), end];
}

/** From `{`, the current token, to `}`. */
function parseLabelSet(reader: TokenReader, pairs: [string, string][]): void {
  const { lexer } = reader;
  reader.advance();
  while (reader.peek() !== T.RIGHT_BRACE) {
    let name: string;
    const isString = lexer.kind === T.STRING;
    if (isString) name = parseString(reader);
    else if (lexer.kind === T.IDENTIFIER) {
      name = lexer.text;
      reader.advance();
    } else reader.unexpected(['label set', 'identifier or "}"']);
    if (reader.peek() === T.EQL) {
      reader.advance();
      if (reader.peek() !== T.STRING) reader.unexpected(['label set', 'string']);
      pairs.push([name, parseString(reader)]);
    } else if (isString) pairs.push([METRIC_NAME, name]);
    else reader.unexpected(['label set', '"="']);
    const kind = reader.peek();
    if (kind === T.COMMA) reader.advance();
    else if (kind !== T.RIGHT_BRACE) reader.unexpected(['label set', '"," or "}"']);
  }
  reader.advance();
}

/** One item, which may stand for several values. */
function scanItem(scanner: TextScanner, values: SequenceValue[]): void {
  const start = scanner.at;
  if (scanner.skip('_')) {
    const times = scanner.skip('x') ? scanner.count() : 1;
    repeat(scanner, values, times, () => OMITTED);
  } else if (scanner.skip('{{')) {
    scanHistogramItem(scanner, values);
  } else if (/[A-Za-z]/.test(scanner.text[start]!) && !/^(inf|nan)\b/i.test(scanner.text.slice(start, start + 4))) {
    const word = scanner.take(/[A-Za-z0-9_:]+/y);
    if (word !== 'stale')
      scanner.fail(`unexpected identifier ${quoteGo(word)} in ${PLACE}, expected number or "stale"`, start);
    values.push(STALE);
  } else {
    let value = scanner.signedNumber(PLACE);
    const sign = scanner.text[scanner.at];
    const step = sign === '+' || sign === '-' ? scanner.signedNumber(PLACE) : 0;
    if (scanner.skip('x')) {
      // One more than the count: the first stands for time 0.
      repeat(scanner, values, scanner.count() + 1, (i) => {
        if (i > 0) value += step;
        return { kind: 'float', value };
      });
    } else if (sign === '+' || sign === '-') scanner.unexpected(PLACE, '"x"');
    else values.push({ kind: 'float', value });
  }
}

function repeat(
  scanner: TextScanner,
  values: SequenceValue[],
  times: number,
  value: (i: number) => SequenceValue,
): void {
  if (values.length + times > MAX_VALUES) scanner.fail(`more than ${MAX_VALUES} values in one series`);
  for (let i = 0; i < times; i++) values.push(value(i));
}

function scanHistogramItem(scanner: TextScanner, values: SequenceValue[]): void {
  const { histogram, hintGiven } = scanHistogram(scanner);
  const sign = scanner.text[scanner.at];
  if (sign === 'x') {
    scanner.at++;
    repeat(scanner, values, scanner.count() + 1, () => ({
      kind: 'histogram',
      histogram: copyHistogram(histogram),
      hintGiven,
    }));
  } else if (sign === '+' || sign === '-') {
    scanner.at++;
    if (!scanner.skip('{{')) scanner.unexpected(PLACE, '"{{"');
    const increment = scanHistogram(scanner);
    if (!scanner.skip('x')) scanner.unexpected(PLACE, '"x"');
    let current = histogram;
    repeat(scanner, values, scanner.count() + 1, (i) => {
      if (i > 0) current = combined(scanner, current, increment.histogram, sign);
      return { kind: 'histogram', histogram: current, hintGiven: increment.hintGiven };
    });
  } else values.push({ kind: 'histogram', histogram, hintGiven });
}

function combined(
  scanner: TextScanner,
  current: FloatHistogram,
  increment: FloatHistogram,
  sign: '+' | '-',
): FloatHistogram {
  if (current.schema > increment.schema) {
    scanner.fail(`error combining histograms: cannot merge from schema ${increment.schema} to ${current.schema}`);
  }
  const result = copyHistogram(current);
  const outcome = sign === '+' ? addHistogram(result, increment) : subHistogram(result, increment);
  if ((outcome & INCOMPATIBLE_SCHEMAS) !== 0) {
    scanner.fail('cannot apply this operation on histograms with a mix of exponential and custom bucket schemas');
  }
  return result;
}
