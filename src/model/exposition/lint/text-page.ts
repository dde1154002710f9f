import { parseFloatGo } from '../../number.ts';
import { formatError, labelNamePattern, LineCursor, metricNamePattern, pageText, shown } from './line.ts';
import { type FamilyType, type LintedFamily, newFamily } from './family.ts';

const types: ReadonlyMap<string, FamilyType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

/** Suffixes by which a line belongs to a summary or histogram that was declared before it. */
const suffixesOf = [
  ['summary', /(?<=.)_(?:count|sum)$/s],
  ['histogram', /(?<=.)_(?:count|sum|bucket)$/s],
] as const;

/**
 * Reads a page of the text format, 0.0.4, as Prometheus's client libraries and `promtool` read it, which is stricter than the
 * scraper: metadata once, types known and before samples, labels once, bounds that are numbers, a line feed at the end.
 *
 * Lines of one family need not stand together. Families without a sample are left out.
 *
 * @throws {ExpositionError} for the first rule that is broken, with its line and column
 * @see Prometheus common `expfmt/text_parse.go`
 */
export function readTextPage(page: Uint8Array): LintedFamily[] {
  const lines = pageText(page).split('\n');
  if (lines.at(-1)!.replace(/^[ \t]+/, '') !== '') {
    throw formatError(
      lines.length,
      lines.at(-1)!.length + 1,
      'unexpected end of the page: the last line has no line feed',
    );
  }
  lines.pop();
  const reader = new PageReader();
  lines.forEach((line, i) => {
    reader.read(new LineCursor(line, i + 1));
  });
  return [...reader.families.values()].filter((family) => family.samples.length > 0);
}

class PageReader {
  readonly families = new Map<string, LintedFamily>();
  /** Families whose type is settled, by a TYPE line or by a sample. */
  readonly #typed = new Set<LintedFamily>();

  read(cursor: LineCursor): void {
    cursor.skipBlanks();
    if (cursor.isAtEnd) return;
    if (cursor.takes('#')) this.#comment(cursor);
    else this.#sample(cursor);
  }

  #comment(cursor: LineCursor): void {
    cursor.skipBlanks();
    const keyword = cursor.match(/[^ \t]*/y);
    if (keyword !== 'HELP' && keyword !== 'TYPE') return;
    cursor.skipBlanks();
    if (cursor.isAtEnd) return;
    const name = cursor.peek() === '"' ? cursor.quoted(true) : cursor.match(metricNamePattern);
    if (cursor.isAtEnd) return;
    if (cursor.peek() !== ' ' && cursor.peek() !== '\t') throw cursor.unexpected(`a metric name after ${keyword}`);
    const family = this.#familyOf(name);
    cursor.skipBlanks();
    if (cursor.isAtEnd) return;
    const rest = cursor.text.slice(cursor.at);
    if (keyword === 'HELP') {
      if (family.help !== undefined) throw cursor.fail(`a second HELP line for ${shown(name)}`);
      const escape = /\\(?![\\n"])/.exec(rest.replaceAll('\\\\', '  '));
      if (escape !== null) {
        cursor.at += escape.index;
        throw cursor.fail(`invalid escape sequence ${shown(cursor.text.slice(cursor.at, cursor.at + 2))}`);
      }
      family.help = rest;
      return;
    }
    if (this.#typed.has(family)) throw cursor.fail(`a second TYPE line for ${shown(name)}, or TYPE after samples`);
    const type = types.get(rest.toLowerCase());
    if (type === undefined) {
      throw cursor.fail(`unknown metric type ${shown(rest)}: expected one of ${[...types.keys()].join(', ')}`);
    }
    family.type = type;
    this.#typed.add(family);
  }

  #sample(cursor: LineCursor): void {
    let name: string | undefined;
    if (cursor.peek() !== '{') {
      name = cursor.peek() === '"' ? cursor.quoted(true) : cursor.match(metricNamePattern);
      if (name === '') throw cursor.unexpected('a metric name');
      cursor.skipBlanks();
    }
    const labels = new Map<string, string>();
    if (cursor.peek() === '{') name = readLabels(cursor, name, labels);
    if (name === undefined) throw cursor.fail('the line has no metric name');
    const family = this.#familyOf(name);
    this.#typed.add(family);
    checkBounds(family, labels, cursor);
    cursor.skipBlanks();
    const number = cursor.match(/[^ \t]*/y);
    const value = parseNumber(number);
    if (value === undefined)
      throw formatError(cursor.line, cursor.at - number.length + 1, `expected a number as value, got ${shown(number)}`);
    let timestamp: number | undefined;
    if (!cursor.isAtEnd) {
      cursor.skipBlanks();
      const text = cursor.match(/[^ \t]*/y);
      if (!/^[-+]?\d+$/.test(text) || Math.abs(Number(text)) > 2 ** 63) {
        throw formatError(
          cursor.line,
          cursor.at - text.length + 1,
          `expected an integer as timestamp, got ${shown(text)}`,
        );
      }
      timestamp = Number(text);
      if (!cursor.isAtEnd) throw cursor.unexpected('the end of the line after the timestamp');
    }
    family.samples.push({ name, labels, value, timestamp, line: cursor.line });
  }

  #familyOf(name: string): LintedFamily {
    const known = this.families.get(name);
    if (known !== undefined) return known;
    for (const [type, suffix] of suffixesOf) {
      const whole = this.families.get(name.replace(suffix, ''));
      if (whole?.type === type) return whole;
    }
    const family = newFamily(name);
    this.families.set(name, family);
    return family;
  }
}

/** Fills `labels`. @returns the metric's name, which may stand between the braces when none stood before them */
function readLabels(cursor: LineCursor, named: string | undefined, labels: Map<string, string>): string | undefined {
  let name = named;
  cursor.expect('{');
  for (;;) {
    cursor.skipBlanks();
    if (cursor.takes('}')) return name;
    const label = cursor.peek() === '"' ? cursor.quoted(true) : cursor.match(labelNamePattern);
    if (label === '') throw cursor.unexpected('a label name');
    cursor.skipBlanks();
    if (cursor.takes('=')) {
      if (label === '__name__') throw cursor.fail('label name "__name__" is reserved');
      cursor.skipBlanks();
      if (labels.has(label)) throw cursor.fail(`label ${shown(label)} is given twice`);
      labels.set(label, cursor.quoted(true));
      cursor.skipBlanks();
    } else if (named !== undefined) {
      throw cursor.unexpected('"=" after the label name');
    } else if (name !== undefined) {
      throw cursor.fail('a second metric name between the braces');
    } else {
      name = label;
    }
    if (cursor.peek() !== '}') cursor.expect(',', '"," or "}"');
  }
}

function checkBounds({ type }: LintedFamily, labels: ReadonlyMap<string, string>, cursor: LineCursor): void {
  const label = type === 'summary' ? 'quantile' : type === 'histogram' ? 'le' : undefined;
  const bound = label === undefined ? undefined : labels.get(label);
  if (bound !== undefined && parseNumber(bound) === undefined) {
    throw cursor.fail(`label ${shown(label!)} is not a number: ${shown(bound)}`);
  }
}

/** Decimal numbers, infinities and NaN. */
function parseNumber(text: string): number | undefined {
  return /[pP_]/.test(text) ? undefined : parseFloatGo(text);
}
