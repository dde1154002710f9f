import type { MetricType } from '../metadata.ts';
import { ExpositionError } from './error.ts';
import { quoteBytes } from './excerpt.ts';
import { type FloatEnd, parseFloatBytes, readFloat } from './float-bytes.ts';
import { hasInvalidName, isUtf8Span, labelPairsAt, unescapedText } from './label-text.ts';
import type { LineParser } from './line-parser.ts';
import { OpenMetricsLexer } from './openmetrics-lexer.ts';
import {
  END_OF_PAGE,
  type Entry,
  type ExposedExemplar,
  HELP_ENTRY,
  SERIES_ENTRY,
  TYPE_ENTRY,
  UNIT_ENTRY,
} from './parser.ts';
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  COMMENT,
  END,
  END_WORD,
  EQUAL,
  HELP,
  LABEL_NAME,
  LABEL_VALUE,
  LINE_BREAK,
  METRIC_NAME,
  QUOTED,
  TEXT,
  TIMESTAMP,
  type Token,
  tokenNames,
  TYPE,
  UNIT,
  VALUE,
} from './token.ts';

const types: ReadonlyMap<string, MetricType> = new Map(
  (
    ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown'] satisfies MetricType[]
  ).map((type) => [type, type]),
);

export interface OpenMetricsOptions {
  /** `_created` lines say when counting began and are no series of their own. */
  readonly readsCreated?: boolean;
}

/**
 * OpenMetrics text, 0.0.1 and 1.0.0: as lax as Prometheus's scraper, which takes 79 of the 167 pages that the specification's
 * test suite wants refused.
 *
 * @see Prometheus `model/textparse/openmetricsparse.go` (3.14)
 */
export class OpenMetricsParser implements LineParser {
  readonly seriesBytes: Buffer;
  seriesStart = 0;
  seriesEnd = 0;
  valueStart = 0;
  value = 0;
  timestamp = 0;
  hasTimestamp = false;
  hasRest = false;
  readonly histogram = undefined;
  type: MetricType = 'unknown';
  text = '';
  readonly #options: OpenMetricsOptions;
  readonly #lexer: OpenMetricsLexer;
  #start = 0;
  /** See {@link labelPairsAt}; an unknown metric name is -1, -1. */
  #spans: number[] = [];
  #exemplarSpans: number[] = [];
  #exemplarValue = 0;
  #exemplarTimestamp: number | undefined;
  #isExemplarTaken = false;
  readonly #cursor: FloatEnd = { end: 0 };
  /** What was found when looking ahead for `_created`. */
  readonly #created = { key: '', timestamp: 0, noneBefore: 0 };

  constructor(page: Buffer, options: OpenMetricsOptions = {}) {
    this.seriesBytes = page;
    this.#options = options;
    this.#lexer = new OpenMetricsLexer(page);
  }

  get at(): number {
    return this.#lexer.at;
  }

  next(): Entry {
    for (;;) {
      this.#start = this.#lexer.at;
      this.#spans = [];
      const token = this.#lexer.lex();
      switch (token) {
        case END_WORD:
          if (this.#lexer.lex() !== END) throw new ExpositionError('unexpected data after # EOF');
          return END_OF_PAGE;
        case END:
          throw noEnd();
        case HELP:
        case TYPE:
        case UNIT:
          return this.#metadata(token);
        case BRACE_OPEN:
          this.#spans.push(-1, -1);
          this.#labels(this.#spans, false);
          this.seriesEnd = this.#lexer.at;
          this.#series(this.#lexer.lex());
          break;
        case METRIC_NAME: {
          this.#spans.push(this.#start, this.#lexer.at);
          this.seriesEnd = this.#lexer.at;
          let following = this.#lexer.lex();
          if (following === BRACE_OPEN) {
            this.#labels(this.#spans, false);
            this.seriesEnd = this.#lexer.at;
            following = this.#lexer.lex();
          }
          this.#series(following);
          break;
        }
        default:
          throw this.#unexpected('expected a valid start token', token);
      }
      if (this.#options.readsCreated !== true || !this.#isCreated()) return SERIES_ENTRY;
    }
  }

  valueAt(lineStart: number, valueStart: number): void {
    this.#start = lineStart;
    this.#readValue(valueStart, 0);
  }

  resume(at: number, type: MetricType): void {
    this.#lexer.restart(at);
    this.type = type;
  }

  labelPairs(): string[] {
    return labelPairsAt(this.seriesBytes, this.#spans, this.type);
  }

  get hasInvalidText(): boolean {
    return hasInvalidName(this.seriesBytes, this.#spans);
  }

  get familyName(): string {
    return this.seriesBytes.toString('utf8', this.#spans[0], this.#spans[1]);
  }

  nextExemplar(): ExposedExemplar | undefined {
    if (!this.hasRest || this.#isExemplarTaken) return undefined;
    this.#isExemplarTaken = true;
    const spans = this.#exemplarSpans;
    const labels: string[] = [];
    // Unlike those of series, the labels of exemplars keep their backslashes.
    for (let i = 0; i < spans.length; i += 2) labels.push(this.seriesBytes.toString('utf8', spans[i], spans[i + 1]));
    return { labels, value: this.#exemplarValue, t: this.#exemplarTimestamp };
  }

  startTimestamp(): number {
    const created = this.#created;
    if (!countsFromStart(this.type) || this.#lexer.at < created.noneBefore) return 0;
    const key = this.#countingKey('');
    if (key === created.key) return created.timestamp;
    const ahead = new OpenMetricsParser(this.seriesBytes);
    ahead.resume(this.#lexer.at, this.type);
    created.key = '';
    try {
      while (ahead.next() === SERIES_ENTRY) {
        if (!ahead.#isCreated()) continue;
        // Of the first line that says when counting began, or of another series: then nothing is known of this one.
        if (ahead.#countingKey('_created') !== key) return 0;
        created.key = key;
        created.timestamp = Math.trunc(ahead.value * 1000);
        return created.timestamp;
      }
    } catch (error) {
      // The same error comes when the page is read on to this place.
      if (!(error instanceof ExpositionError)) throw error;
    }
    // The rest of the family need not be searched for each of its series.
    created.noneBefore = ahead.#start;
    return 0;
  }

  /** What the lines of one counting thing share: name without suffix, labels without `le` and `quantile`. */
  #countingKey(suffix: string): string {
    const [, name, ...labels] = this.labelPairs() as [string, string, ...string[]];
    const key = [suffix === '' ? withoutSuffix(name, this.type) : name.slice(0, -suffix.length)];
    for (let i = 0; i < labels.length; i += 2) {
      const label = labels[i]!;
      const isBound =
        (this.type === 'summary' && label === 'quantile') || (this.type === 'histogram' && label === 'le');
      if (!isBound) key.push(label, labels[i + 1]!);
    }
    return key.join('\udfff');
  }

  #isCreated(): boolean {
    const [from, to] = this.#spans as [number, number];
    return (
      countsFromStart(this.type) && to - from >= 8 && this.seriesBytes.toString('latin1', to - 8, to) === '_created'
    );
  }

  #metadata(keyword: Token): Entry {
    const lexer = this.#lexer;
    const bytes = this.seriesBytes;
    const named = lexer.lex();
    if (named !== METRIC_NAME) throw this.#unexpected(`expected metric name after ${tokenNames[keyword]!}`, named);
    const isQuoted = bytes[lexer.start] === 0x22;
    this.#spans.push(isQuoted ? lexer.start + 1 : lexer.start, isQuoted ? lexer.at - 1 : lexer.at);
    if (lexer.lex() !== TEXT) throw new ExpositionError(`expected text in ${tokenNames[keyword]!}`);
    const from = lexer.start + 1;
    const to = lexer.at - 1;
    if (keyword === TYPE) {
      const type = types.get(bytes.toString('utf8', from, to));
      if (type === undefined) throw new ExpositionError(`invalid metric type ${quoteBytes(bytes, from, to)}`);
      this.type = type;
      return TYPE_ENTRY;
    }
    if (keyword === HELP) {
      if (!isUtf8Span(bytes, from, to)) {
        throw new ExpositionError(`help text ${quoteBytes(bytes, from, to)} is not a valid utf8 string`);
      }
      this.text = unescapedText(bytes, from, to);
      return HELP_ENTRY;
    }
    this.text = bytes.toString('utf8', from, to);
    this.#checkUnit(from, to);
    return UNIT_ENTRY;
  }

  #checkUnit(from: number, to: number): void {
    if (from === to) return;
    const bytes = this.seriesBytes;
    const [nameFrom, nameTo] = this.#spans as [number, number];
    const unitStart = nameTo - (to - from);
    const isSuffix =
      unitStart > nameFrom && bytes[unitStart - 1] === 0x5f && bytes.compare(bytes, from, to, unitStart, nameTo) === 0;
    if (!isSuffix) {
      throw new ExpositionError(
        `unit ${quoteBytes(bytes, from, to)} not a suffix of metric ${quoteBytes(bytes, nameFrom, nameTo)}`,
      );
    }
  }

  /** What stands between the braces, of a series or of an exemplar. */
  #labels(spans: number[], isExemplar: boolean): void {
    const lexer = this.#lexer;
    let token = lexer.lex();
    while (token !== BRACE_CLOSE) {
      if (token !== LABEL_NAME && token !== QUOTED) throw this.#unexpected('expected label name', token);
      const isQuoted = token === QUOTED;
      const from = isQuoted ? lexer.start + 1 : lexer.start;
      const to = isQuoted ? lexer.at - 1 : lexer.at;
      token = lexer.lex();
      // A quoted name without a value is the metric's.
      if (isQuoted && (token === COMMA || token === BRACE_CLOSE)) {
        if (isExemplar) throw this.#unexpected('expected label name', token);
        if (spans[0] !== -1) {
          throw new ExpositionError(`metric name already set while parsing: ${this.#excerpt(this.#start, lexer.at)}`);
        }
        spans[0] = from;
        spans[1] = to;
        if (token === COMMA) token = lexer.lex();
        continue;
      }
      if (token !== EQUAL) throw this.#unexpected('expected equal', token);
      token = lexer.lex();
      if (token !== LABEL_VALUE) throw this.#unexpected('expected label value', token);
      if (!isUtf8Span(this.seriesBytes, lexer.start, lexer.at)) {
        throw new ExpositionError(`invalid UTF-8 label value: ${this.#excerpt(lexer.start, lexer.at)}`);
      }
      spans.push(from, to, lexer.start + 1, lexer.at - 1);
      token = lexer.lex();
      if (token === COMMA) token = lexer.lex();
      else if (token !== BRACE_CLOSE) throw this.#unexpected('expected comma or brace close', token);
    }
  }

  #series(token: Token): void {
    this.seriesStart = this.#start;
    if (this.#spans[0] === -1) {
      throw new ExpositionError(`metric name not set while parsing: ${this.#excerpt(this.#start, this.#lexer.at)}`);
    }
    if (token !== VALUE) throw this.#unexpected('expected value after metric', token);
    this.#readValue(this.#lexer.start + 1, this.#lexer.at);
  }

  /** From the value to the end of the line. @param end of the value's token; 0 where it has not been looked for */
  #readValue(from: number, end: number): void {
    const bytes = this.seriesBytes;
    const cursor = this.#cursor;
    const lexer = this.#lexer;
    this.valueStart = from;
    this.hasTimestamp = false;
    this.hasRest = false;
    const value = readFloat(bytes, from, cursor);
    if (!Number.isNaN(value) && bytes[cursor.end] === 0x0a) {
      this.value = value;
      lexer.restart(cursor.end + 1);
      return;
    }
    let to = end;
    if (to === 0) {
      lexer.restartAtValue(from - 1);
      const token = lexer.lex();
      if (token !== VALUE) throw this.#unexpected('expected value after metric', token);
      to = lexer.at;
    }
    this.value = this.#float(from, to);
    let token = lexer.lex();
    if (token === TIMESTAMP) {
      this.timestamp = this.#seconds('timestamp');
      this.hasTimestamp = true;
      token = lexer.lex();
      if (token !== LINE_BREAK && token !== COMMENT)
        throw this.#unexpected('expected next entry after timestamp', token);
    }
    if (token === COMMENT) this.#exemplar();
    // Anything else that does not fit is found when the next entry is read.
    else if (token === END) throw noEnd();
  }

  #exemplar(): void {
    const lexer = this.#lexer;
    this.#exemplarSpans = [];
    this.#labels(this.#exemplarSpans, true);
    let token = lexer.lex();
    if (token !== VALUE) throw this.#unexpected('expected value after exemplar labels', token);
    this.#exemplarValue = this.#float(lexer.start + 1, lexer.at);
    this.#exemplarTimestamp = undefined;
    token = lexer.lex();
    if (token === END) throw noEnd();
    if (token === TIMESTAMP) {
      this.#exemplarTimestamp = this.#seconds('exemplar timestamp');
      token = lexer.lex();
      if (token !== LINE_BREAK) throw this.#unexpected('expected next entry after exemplar timestamp', token);
    } else if (token !== LINE_BREAK) {
      throw this.#unexpected('expected timestamp or comment', token);
    }
    this.hasRest = true;
    this.#isExemplarTaken = false;
  }

  /** The timestamp that is the lexer's token, in ms. */
  #seconds(what: string): number {
    const seconds = this.#float(this.#lexer.start + 1, this.#lexer.at);
    if (!Number.isFinite(seconds)) {
      const shown = Number.isNaN(seconds) ? 'NaN' : seconds > 0 ? '+Inf' : '-Inf';
      throw new ExpositionError(`invalid ${what} ${shown}`);
    }
    return Math.trunc(seconds * 1000);
  }

  #float(from: number, to: number): number {
    const value = readFloat(this.seriesBytes, from, this.#cursor);
    if (!Number.isNaN(value) && this.#cursor.end === to) return value;
    return parseFloatBytes(this.seriesBytes, from, to, () => this.#excerpt(this.#start, this.#lexer.at));
  }

  #unexpected(expected: string, token: Token): ExpositionError {
    const { start, at } = this.#lexer;
    const end = at + 1;
    return new ExpositionError(
      `${expected}, got ${this.#excerpt(start, end)} ("${tokenNames[token]!}") while parsing: ${this.#excerpt(this.#start, end)}`,
    );
  }

  #excerpt(from: number, to: number): string {
    return quoteBytes(this.seriesBytes, from, Math.min(to, this.seriesBytes.length));
  }
}

function noEnd(): ExpositionError {
  return new ExpositionError('data does not end with # EOF');
}

function countsFromStart(type: MetricType): boolean {
  return type === 'counter' || type === 'summary' || type === 'histogram';
}

/** The family's name of a sample of a counting family. */
function withoutSuffix(name: string, type: MetricType): string {
  const suffixes = type === 'counter' ? ['_total'] : ['_bucket', '_sum', '_count'];
  const suffix = suffixes.find((ending) => name.endsWith(ending));
  return suffix === undefined ? name : name.slice(0, -suffix.length);
}
