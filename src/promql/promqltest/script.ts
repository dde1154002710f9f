import { Regexp, RegexpError, formatDuration, parseDuration, parseFloatGo, quoteGo } from '../../model/index.ts';
import { LiteralError, readNumber } from '../parse/literal.ts';
import { ParseError } from '../parse/parse-error.ts';
import { parseExpr } from '../parse/parser.ts';
import { type ParseOptions } from '../parse/token-reader.ts';
import { type SequenceValue, type SeriesDescription } from './sequence.ts';
import { parseSeriesDescription } from './series-description.ts';
import { isStartTimeLine, parseStartTimes } from './start-times.ts';

/** A script that is not written as scripts are; `line` counts from 1. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly line: number;

  constructor(line: number, problem: string, options?: ErrorOptions) {
    super(`line ${line}: ${problem}`, options);
    this.line = line;
  }
}

export interface ClearCommand {
  readonly kind: 'clear';
  readonly line: number;
}

export interface LoadCommand {
  readonly kind: 'load';
  readonly line: number;
  readonly stepMs: number;
  /** Also loads native histograms with custom buckets made from the classic ones. */
  readonly withNhcb: boolean;
  readonly series: readonly LoadLine[];
}

export interface LoadLine extends SeriesDescription {
  /** Start times as ms relative to the sample's time, `undefined` where there is none; as long as `values`. */
  readonly startOffsets: readonly (number | undefined)[] | undefined;
}

export type ExpectationKind = 'fail' | 'warn' | 'no_warn' | 'info' | 'no_info';

/** What an error or annotation must say. */
export interface Expectation {
  readonly kind: ExpectationKind;
  /** The whole text; a pattern that occurs in it; neither: any text will do. */
  readonly message?: string;
  readonly pattern?: Regexp;
}

export interface ExpectedSeries extends SeriesDescription {
  /** From 1, in the order of the script. */
  readonly position: number;
}

export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly query: string;
  /** An instant query; then `startMs` and `endMs` are the times of the expected range vector's points, if there are any. */
  readonly isInstant: boolean;
  /** When the instant query is evaluated. */
  readonly timeMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly ordered: boolean;
  readonly expectations: readonly Expectation[];
  readonly scalar: SequenceValue | undefined;
  readonly text: string | undefined;
  readonly series: readonly ExpectedSeries[];
  /** The result is a string or range vector, which range queries do not have. */
  readonly instantOnly: boolean;
}

export type Command = ClearCommand | LoadCommand | EvalCommand;

/** Everything that scripts may use. */
export const scriptOptions: ParseOptions = {
  enableExperimentalFunctions: true,
  enableExtendedRangeSelectors: true,
  enableBinopFillModifiers: true,
};

/**
 * The commands of a script in Prometheus's test language. Queries and series are checked here already.
 *
 * @throws {ScriptError}
 * @see Prometheus `promql/promqltest/README.md` and `test.go` (3.14)
 */
export function parseScript(script: string): readonly Command[] {
  const lines = new ScriptLines(script);
  const commands: Command[] = [];
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    if (line === '') continue;
    const word = line.split(/[\t ]/, 1)[0]!.toLowerCase();
    if (word === 'clear') commands.push({ kind: 'clear', line: lines.number });
    else if (word.startsWith('load')) commands.push(parseLoad(lines, line));
    else if (word.startsWith('eval')) commands.push(parseEval(lines, line));
    else lines.fail(`invalid command ${quoteGo(line)}`);
  }
  return commands;
}

/** The lines of a script without comments and outer spaces. */
class ScriptLines {
  readonly #lines: readonly string[];
  /** Of the line read last, from 1. */
  number = 0;

  constructor(script: string) {
    this.#lines = script.split('\n').map((line) => {
      const trimmed = line.trim();
      return trimmed.startsWith('#') ? '' : trimmed;
    });
  }

  next(): string | undefined {
    return this.#lines[this.number++];
  }

  /** The next line of a command's block; `undefined` where the block ends. */
  nextInBlock(): string | undefined {
    const line = this.#lines[this.number];
    if (line === undefined || line === '') return undefined;
    this.number++;
    return line;
  }

  fail(problem: string, line = this.number): never {
    throw new ScriptError(line, problem);
  }

  /** Runs a parser of the current line, whose errors get the line's number. */
  parse<R>(parse: () => R): R {
    try {
      return parse();
    } catch (error) {
      if (error instanceof ParseError || error instanceof RegexpError) {
        throw new ScriptError(this.number, error.message, { cause: error });
      }
      throw error;
    }
  }

  durationMs(text: string, what: string): number {
    return parseDuration(text) ?? this.fail(`invalid ${what} definition ${quoteGo(text)}: not a valid duration`);
  }
}

function parseLoad(lines: ScriptLines, first: string): LoadCommand {
  const { number: line } = lines;
  const [, suffix, step] =
    /^load(_with_nhcb)?\s+(.+)$/.exec(first) ?? lines.fail('invalid load command. (load[_with_nhcb] <step:duration>)');
  const stepMs = lines.durationMs(step!, 'step');
  const series = new Map<string, LoadLine>();
  let pending: { labels: string; offsets: readonly (number | undefined)[]; line: number } | undefined;
  const missing = (at: number): never => lines.fail('@st line has no following sample line', at);
  for (let text = lines.nextInBlock(); text !== undefined; text = lines.nextInBlock()) {
    const current = text;
    if (isStartTimeLine(current)) {
      if (pending !== undefined) missing(pending.line);
      const { labels, offsets } = lines.parse(() => parseStartTimes(current));
      pending = { labels: labels.key(), offsets, line: lines.number };
      continue;
    }
    const { labels, values } = lines.parse(() => parseSeriesDescription(current));
    if (pending !== undefined && pending.labels !== labels.key()) {
      lines.fail('@st metric does not match the following sample line metric', pending.line);
    }
    if (pending !== undefined && pending.offsets.length !== values.length) {
      lines.fail(`@st line has ${pending.offsets.length} values but sample line has ${values.length}`, pending.line);
    }
    // A later line for the same series replaces the earlier one.
    series.set(labels.key(), { labels, values, startOffsets: pending?.offsets });
    pending = undefined;
  }
  if (pending !== undefined) missing(pending.line);
  return { kind: 'load', line, stepMs, withNhcb: suffix !== undefined, series: [...series.values()] };
}

const instantPattern = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+))?\s+(\S.*)$/;
const rangePattern = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(\S.*)$/;
const rangeVectorPattern = /^expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/;
const expectPattern = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/;

function parseEval(lines: ScriptLines, first: string): EvalCommand {
  const { number: line } = lines;
  const instant = instantPattern.exec(first);
  const range = instant === null ? rangePattern.exec(first) : null;
  let times = { startMs: 0, endMs: 0, stepMs: 0 };
  let timeMs = 0;
  let modifier: string | undefined;
  let query = '';
  if (instant !== null) {
    modifier = instant[1];
    timeMs = lines.durationMs(instant[2] ?? '', 'timestamp');
    times = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
    query = instant[3]!;
  } else if (range !== null) {
    modifier = range[1];
    times = parseTimes(lines, range[2]!, range[3]!, range[4]!);
    query = range[5]!;
  } else {
    lines.fail(
      'invalid evaluation command. Must be either "eval[_fail|_warn|_ordered|_info] instant at <offset:duration> <query>" ' +
        'or "eval[_fail|_warn|_info] range from <from> to <to> step <step> <query>"',
    );
  }
  lines.parse(() => parseExpr(query, scriptOptions));

  const implied: Expectation[] = [];
  const expectations: Expectation[] = [];
  let ordered = modifier === 'ordered';
  if (modifier === 'fail' || modifier === 'warn' || modifier === 'info') implied.push({ kind: modifier });
  let scalar: SequenceValue | undefined;
  let text: string | undefined;
  let isRangeVector = false;
  const series = new Map<string, ExpectedSeries>();
  for (let current = lines.nextInBlock(); current !== undefined; current = lines.nextInBlock()) {
    const expected = current;
    const failure = modifier === 'fail' ? /^expected_fail_(message|regexp)\s+(.*)$/.exec(expected) : null;
    if (failure !== null) {
      expectations.push(
        lines.parse(() => newExpectation('fail', failure[1] === 'message' ? 'msg' : 'regex', failure[2]!)),
      );
      break;
    }
    if (expected.startsWith('expect range vector')) {
      const parts =
        rangeVectorPattern.exec(expected) ?? lines.fail(`invalid range vector definition ${quoteGo(expected)}`);
      times = parseTimes(lines, parts[1]!, parts[2]!, parts[3]!);
      timeMs = times.endMs;
      isRangeVector = true;
    } else if (expected.startsWith('expect string')) {
      text = parseText(lines, expected.slice('expect string'.length).trim());
    } else if (expected.split(' ', 1)[0] === 'expect') {
      const parts =
        expectPattern.exec(expected) ??
        lines.fail('invalid expect statement, must match `expect <type> <match_type>: <string>` format');
      if (parts[1] === 'ordered') ordered = true;
      else expectations.push(lines.parse(() => newExpectation(parts[1] as ExpectationKind, parts[2], parts[3])));
      checkExpectations(lines, expectations);
    } else {
      const value = parseScalar(expected);
      if (value !== undefined) {
        scalar = { kind: 'float', value };
        break;
      }
      const description = lines.parse(() => parseSeriesDescription(expected));
      if (instant !== null && !isRangeVector && description.values.length > 1) {
        lines.fail('expecting multiple values in instant evaluation not allowed. consider using "expect range vector"');
      }
      series.set(description.labels.key(), { ...description, position: series.size + 1 });
    }
  }
  return {
    kind: 'eval',
    line,
    query,
    isInstant: instant !== null,
    timeMs,
    ...times,
    ordered,
    expectations: [...implied, ...expectations],
    scalar,
    text,
    series: [...series.values()],
    instantOnly: isRangeVector || text !== undefined,
  };
}

function parseTimes(
  lines: ScriptLines,
  from: string,
  to: string,
  step: string,
): { startMs: number; endMs: number; stepMs: number } {
  const startMs = lines.durationMs(from, 'start timestamp');
  const endMs = lines.durationMs(to, 'end timestamp');
  if (endMs < startMs) {
    lines.fail(
      `invalid test definition, end timestamp (${formatDuration(endMs)}) is before start timestamp (${formatDuration(startMs)})`,
    );
  }
  return { startMs, endMs, stepMs: lines.durationMs(step, 'step') };
}

function newExpectation(kind: ExpectationKind, match: string | undefined, text = ''): Expectation {
  if (match === undefined) return { kind };
  return match === 'msg' ? { kind, message: text.trim() } : { kind, pattern: Regexp.compile(text.trim()) };
}

function checkExpectations(lines: ScriptLines, expectations: readonly Expectation[]): void {
  const count = (kind: ExpectationKind): number =>
    expectations.filter((expectation) => expectation.kind === kind).length;
  if (count('info') > 0 && count('no_info') > 0)
    lines.fail('invalid expect lines, info and no_info cannot be used together');
  if (count('warn') > 0 && count('no_warn') > 0)
    lines.fail('invalid expect lines, warn and no_warn cannot be used together');
  if (count('fail') > 1) lines.fail('invalid expect lines, multiple expect fail lines are not allowed');
}

/** The text in double or back quotes behind `expect string`. */
function parseText(lines: ScriptLines, quoted: string): string {
  if (/^["`]/.test(quoted)) {
    const literal = lines.parse(() => parseExpr(quoted));
    if (literal.kind === 'StringLiteral') return literal.value;
  }
  return lines.fail('expected string literal not valid - a quoted string literal is required');
}

/** A line that is a number and nothing else. */
function parseScalar(line: string): number | undefined {
  const [, sign, digits] = /^([+-]?)([0-9].*)$/.exec(line) ?? [];
  if (digits !== undefined) {
    try {
      const value = readNumber(digits);
      return sign === '-' ? -value : value;
    } catch (error) {
      if (!(error instanceof LiteralError)) throw error;
    }
  }
  return parseFloatGo(line);
}
