import { formatError, labelNamePattern, LineCursor, metricNamePattern, pageText, shown } from './line.ts';
import { type FamilyType, type LintedFamily, type LintedSample, newFamily } from './family.ts';
import { OpenFamily } from './open-family.ts';

/** Characters that the labels of an exemplar may have together. */
const MAX_EXEMPLAR_CHARACTERS = 128;

const suffixes: Readonly<Record<FamilyType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  gaugehistogram: ['_bucket', '_gcount', '_gsum'],
  summary: ['', '_count', '_sum', '_created'],
  info: ['_info'],
  stateset: [''],
  unknown: [''],
};

const realNumber = /[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/y;
const noNumber = /[-+]?(?:infinity|inf)|nan/iy;

/**
 * Reads an OpenMetrics page as the specification wants it, where the scraper is lenient: one blank between parts, families whole
 * and in order, names that do not clash, values that their types allow, histograms that agree with themselves, `# EOF` at the end.
 *
 * Quoted names (`{"a.b",c="d"}`), which came to OpenMetrics later, are taken.
 *
 * @throws {ExpositionError} for the first rule that is broken, with its line and column
 * @see OpenMetrics 1.0.0, https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function readOpenMetricsPage(page: Uint8Array): LintedFamily[] {
  const reader = new PageReader();
  const lines = pageText(page).split('\n');
  // What follows the last line feed is a line of its own only when it has something.
  if (lines.at(-1) === '') lines.pop();
  lines.forEach((line, i) => {
    reader.read(line, i + 1);
  });
  return reader.end(lines.length);
}

class PageReader {
  readonly #families: LintedFamily[] = [];
  /** Every name that a family has laid claim to, and which. */
  readonly #claimed = new Map<string, string>();
  #open: OpenFamily | undefined;
  /** What the open family's metadata has said already. */
  #described = new Set<string>();
  #hasEnded = false;

  read(text: string, line: number): void {
    if (this.#hasEnded) throw formatError(line, 1, 'text after # EOF');
    if (text === '# EOF') {
      this.#hasEnded = true;
      return;
    }
    if (text === '') throw formatError(line, 1, 'blank line');
    const cursor = new LineCursor(text, line);
    if (cursor.peek() === '#') this.#metadata(cursor);
    else this.#sample(cursor);
  }

  end(lines: number): LintedFamily[] {
    if (!this.#hasEnded) throw formatError(lines + 1, 1, 'the page does not end with # EOF');
    this.#close();
    return this.#families;
  }

  #metadata(cursor: LineCursor): void {
    const keyword = cursor.match(/# (?:TYPE|HELP|UNIT) /y).slice(2, -1);
    if (keyword === '') throw cursor.unexpected('"# TYPE ", "# HELP ", "# UNIT " or "# EOF"');
    const name = cursor.peek() === '"' ? cursor.quoted(false) : cursor.match(metricNamePattern);
    if (name === '') throw cursor.unexpected('a metric name');
    cursor.expect(' ', 'a blank and a text');
    let open = this.#open;
    if (open?.family.name !== name) {
      open = this.#start(name, cursor);
    } else if (open.family.samples.length > 0) {
      throw cursor.fail(`metadata of ${shown(name)} after its samples`);
    }
    if (this.#described.has(keyword)) throw cursor.fail(`a second ${keyword} line for ${shown(name)}`);
    this.#described.add(keyword);
    const { family } = open;
    const text = cursor.text.slice(cursor.at);
    if (keyword === 'HELP') family.help = text;
    else if (keyword === 'TYPE') {
      if (!Object.hasOwn(suffixes, text)) {
        throw cursor.fail(`invalid metric type ${shown(text)}: expected one of ${Object.keys(suffixes).join(', ')}`);
      }
      family.type = text as FamilyType;
    } else {
      if (cursor.match(/[a-zA-Z0-9_:]*/y) !== text) throw cursor.fail(`invalid unit ${shown(text)}`);
      family.unit = text;
    }
  }

  #start(name: string, cursor: LineCursor): OpenFamily {
    this.#close();
    const family = newFamily(name);
    if (this.#claimed.has(name)) throw cursor.fail(this.#clash(name, name));
    this.#described = new Set();
    this.#open = new OpenFamily(family, cursor.line);
    return this.#open;
  }

  /** Checks what can only be known of a whole family. */
  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { family, line } = open;
    for (const suffix of new Set(['', ...suffixes[family.type]])) {
      const name = family.name + suffix;
      if (this.#claimed.has(name)) throw formatError(line, 1, this.#clash(name, family.name));
      this.#claimed.set(name, family.name);
    }
    if (family.unit !== undefined && family.unit !== '') {
      if (!family.name.endsWith(`_${family.unit}`)) {
        throw formatError(line, 1, `unit ${shown(family.unit)} is not the end of the name ${shown(family.name)}`);
      }
      if (family.type === 'info' || family.type === 'stateset') {
        throw formatError(line, 1, `${shown(family.name)} is of type ${family.type}, which has no unit`);
      }
    }
    open.close();
    this.#families.push(family);
  }

  #clash(name: string, family: string): string {
    const earlier = this.#claimed.get(name)!;
    if (earlier === family)
      return `the lines of family ${shown(family)} do not stand together, or its names do not fit its type`;
    return `the name ${shown(name)} of family ${shown(family)} clashes with family ${shown(earlier)}`;
  }

  #sample(cursor: LineCursor): void {
    const { name, labels } = readSeries(cursor);
    cursor.expect(' ', 'one blank and a value');
    const value = readNumber(cursor, 'a value');
    let timestamp: number | undefined;
    let hasExemplar = false;
    if (!cursor.isAtEnd && !cursor.text.startsWith(' # ', cursor.at)) {
      cursor.expect(' ', 'one blank and a timestamp, " # " and an exemplar, or the end of the line');
      timestamp = readReal(cursor, 'a timestamp in seconds');
    }
    if (!cursor.isAtEnd) {
      cursor.expect(' # ', '" # " and an exemplar, or the end of the line');
      readExemplar(cursor);
      hasExemplar = true;
    }
    if (!cursor.isAtEnd) throw cursor.unexpected('the end of the line');
    let open = this.#open;
    if (
      open === undefined ||
      !suffixes[open.family.type].includes(name.slice(open.family.name.length)) ||
      !name.startsWith(open.family.name)
    ) {
      open = this.#start(name, cursor);
    }
    const sample: LintedSample = { name, labels, value, timestamp, line: cursor.line };
    open.add(sample, hasExemplar);
  }
}

/** A metric name and labels, in either form. */
function readSeries(cursor: LineCursor): { name: string; labels: ReadonlyMap<string, string> } {
  const name = cursor.match(metricNamePattern);
  if (name !== '') return { name, labels: cursor.peek() === '{' ? readLabels(cursor).labels : new Map() };
  if (cursor.peek() !== '{') throw cursor.unexpected('a metric name');
  const { labels, quotedName } = readLabels(cursor, true);
  if (quotedName === undefined || quotedName === '') throw cursor.fail('the line has no metric name');
  return { name: quotedName, labels };
}

/** @param mayName a quoted name without a value is the metric's */
function readLabels(
  cursor: LineCursor,
  mayName = false,
): { labels: ReadonlyMap<string, string>; quotedName: string | undefined } {
  const labels = new Map<string, string>();
  let quotedName: string | undefined;
  cursor.expect('{');
  if (cursor.takes('}')) return { labels, quotedName };
  do {
    const isQuoted = cursor.peek() === '"';
    const name = isQuoted ? cursor.quoted(false) : cursor.match(labelNamePattern);
    if (name === '') throw cursor.unexpected('a label name');
    if (isQuoted && cursor.peek() !== '=' && mayName && quotedName === undefined) {
      quotedName = name;
      continue;
    }
    cursor.expect('=');
    if (labels.has(name)) throw cursor.fail(`label ${shown(name)} is given twice`);
    labels.set(name, cursor.quoted(false));
  } while (cursor.takes(','));
  cursor.expect('}', '"," or "}"');
  return { labels, quotedName };
}

function readExemplar(cursor: LineCursor): void {
  const { labels } = readLabels(cursor);
  let characters = 0;
  for (const [name, value] of labels) for (const _ of name + value) characters++;
  if (characters > MAX_EXEMPLAR_CHARACTERS) {
    throw cursor.fail(`the exemplar's labels have ${characters} characters, more than ${MAX_EXEMPLAR_CHARACTERS}`);
  }
  cursor.expect(' ', 'one blank and the value of the exemplar');
  readNumber(cursor, 'the value of the exemplar');
  if (cursor.takes(' ')) readReal(cursor, 'a timestamp in seconds');
}

function readNumber(cursor: LineCursor, what: string): number {
  const text = cursor.match(noNumber);
  if (text === '') return readReal(cursor, what);
  mustEnd(cursor, what);
  if (/nan/i.test(text)) return NaN;
  return text.startsWith('-') ? -Infinity : Infinity;
}

function readReal(cursor: LineCursor, what: string): number {
  const text = cursor.match(realNumber);
  if (text === '') throw cursor.unexpected(what);
  mustEnd(cursor, what);
  return Number(text);
}

/** A number ends at a blank or with its line. */
function mustEnd(cursor: LineCursor, what: string): void {
  if (cursor.isAtEnd || cursor.peek() === ' ') return;
  throw cursor.fail(`${shown(cursor.text.slice(cursor.at))} does not belong to ${what}`);
}
