import { type Expr } from '../parse/ast.ts';
import { parseExpr } from '../parse/parser.ts';
import { printExpr } from '../parse/print.ts';
import { rewrite, walk } from '../parse/walk.ts';
import { Mismatch, type Result, type ResultValue, checkSorted, compareResult } from './compare.ts';
import { type LoadedSeries, loadedSeries } from './load.ts';
import { type EvalCommand, type Expectation, type ExpectationKind, parseScript, scriptOptions } from './script.ts';

/** What a query gave; annotations are complete and carry their position, as the API shows them. */
export interface Outcome {
  readonly result: Result;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** What a script runs against. Times are ms and may be negative. A query that fails throws; the error's message is compared. */
export interface ScriptEngine {
  /** Forgets everything loaded. */
  clear(): void | Promise<void>;
  /** Adds to what was loaded before. */
  load(series: readonly LoadedSeries[]): void | Promise<void>;
  instant(query: string, timeMs: number): Outcome | Promise<Outcome>;
  range(query: string, startMs: number, endMs: number, stepMs: number): Outcome | Promise<Outcome>;
}

export interface EvalFailure {
  readonly line: number;
  readonly query: string;
  readonly message: string;
}

export interface ScriptReport {
  /** Number of `eval` commands. */
  readonly evals: number;
  readonly failures: readonly EvalFailure[];
}

/**
 * Runs a script, every `eval` of it, and reports those whose outcome is not as expected.
 *
 * An instant query also runs with its selectors pinned to its time at other times, and as a range query: the outcome must stay the same.
 *
 * @throws {ScriptError} when the script cannot be read
 * @see Prometheus `promql/promqltest/test.go` (3.14)
 */
export async function runScript(script: string, engine: ScriptEngine): Promise<ScriptReport> {
  const failures: EvalFailure[] = [];
  let evals = 0;
  await engine.clear();
  for (const command of parseScript(script)) {
    if (command.kind === 'clear') await engine.clear();
    else if (command.kind === 'load') await engine.load(loadedSeries(command));
    else {
      evals++;
      try {
        await runEval(command, engine);
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        failures.push({ line: command.line, query: command.query, message: error.message });
      }
    }
  }
  return { evals, failures };
}

/** Runs one `eval`. @throws {Mismatch} */
export async function runEval(command: EvalCommand, engine: ScriptEngine): Promise<void> {
  const { query, timeMs, startMs, endMs, stepMs } = command;
  if (!command.isInstant) {
    const outcome = await outcomeOf(command, 'as range query', () => engine.range(query, startMs, endMs, stepMs));
    if (outcome !== undefined) check(command, outcome);
    return;
  }
  await runInstant(command, engine, query, timeMs);
  const pinned = pinnedQuery(query, timeMs);
  if (pinned === undefined) return;
  const times = timeMs === 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, Math.trunc(timeMs / 5), timeMs, 10 * timeMs];
  for (const time of times) await runInstant(command, engine, pinned, time);
}

async function runInstant(command: EvalCommand, engine: ScriptEngine, query: string, timeMs: number): Promise<void> {
  const how = `${query} at ${timeMs} ms`;
  const outcome = await outcomeOf(command, how, () => engine.instant(query, timeMs));
  if (outcome === undefined) return;
  within(how, () => check(command, outcome));
  // Calls of these mean something else in a range query.
  if (command.instantOnly || /(start|end|range|step)\(\)/.test(query)) return;

  const minute = 60_000;
  const inRange = `${query} at ${timeMs} ms in a range query`;
  const ranged = await outcomeOf(command, inRange, () => engine.range(query, timeMs - minute, timeMs + minute, minute));
  if (ranged === undefined || command.ordered) return;
  within(inRange, () => compareResult(command, at(ranged.result, timeMs, outcome.result.type === 'scalar')));
}

/** The step at `timeMs` of a matrix, as an instant query would have returned it. */
function at(result: Result, timeMs: number, scalar: boolean): Result {
  if (result.type !== 'matrix') throw new Mismatch(`a range query returned a ${result.type}`);
  checkSorted(result.series);
  const samples = result.series.flatMap(({ labels, points }) => {
    const point = points.find(({ t }) => t === timeMs);
    return point === undefined ? [] : [{ labels, value: point.value }];
  });
  if (!scalar) return { type: 'vector', samples };
  const value: ResultValue | undefined = samples[0]?.value;
  if (typeof value !== 'number') throw new Mismatch('a range query over a scalar returned no float');
  return { type: 'scalar', value };
}

/** Runs a query; `undefined` when it failed as expected. */
async function outcomeOf(
  command: EvalCommand,
  how: string,
  run: () => Outcome | Promise<Outcome>,
): Promise<Outcome | undefined> {
  const failure = command.expectations.filter(({ kind }) => kind === 'fail');
  let outcome: Outcome;
  try {
    outcome = await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (failure.length === 0) throw new Mismatch(`${how}: evaluation failed: ${message}`, { cause: error });
    for (const expected of failure) {
      if (!satisfies(expected, message))
        throw new Mismatch(`${how}: expected error ${show(expected)}, but got: ${message}`);
    }
    return undefined;
  }
  if (failure.length > 0) throw new Mismatch(`${how}: expected error but got none`);
  return outcome;
}

/** Says in a mismatch which variant of the query it is about. */
function within(how: string, compare: () => void): void {
  try {
    compare();
  } catch (error) {
    if (error instanceof Mismatch) throw new Mismatch(`${how}: ${error.message}`, { cause: error });
    throw error;
  }
}

function check(command: EvalCommand, { result, warnings, infos }: Outcome): void {
  checkAnnotations(command, 'warn', 'no_warn', warnings);
  checkAnnotations(command, 'info', 'no_info', infos);
  compareResult(command, result);
}

function checkAnnotations(
  command: EvalCommand,
  kind: ExpectationKind,
  none: ExpectationKind,
  found: readonly string[],
): void {
  const list = `[${found.join('; ')}]`;
  if (found.length > 0 && command.expectations.some((expectation) => expectation.kind === none)) {
    throw new Mismatch(`unexpected ${kind} annotations: ${list}`);
  }
  const expectations = command.expectations.filter((expectation) => expectation.kind === kind);
  if (expectations.length === 0) return;
  if (found.length === 0) throw new Mismatch(`expected ${kind} annotations but none were found`);
  for (const expected of expectations) {
    if (!found.some((text) => satisfies(expected, text))) {
      throw new Mismatch(`expected ${kind} annotation ${show(expected)}, found: ${list}`);
    }
  }
  for (const text of found) {
    if (!expectations.some((expected) => satisfies(expected, text)))
      throw new Mismatch(`unexpected ${kind} annotation: ${text}`);
  }
}

function satisfies({ message, pattern }: Expectation, text: string): boolean {
  return (message === undefined || message === text) && (pattern === undefined || pattern.matches(text));
}

function show({ message, pattern }: Expectation): string {
  if (message !== undefined) return JSON.stringify(message);
  return pattern === undefined ? 'of any kind' : `matching ${JSON.stringify(pattern.source)}`;
}

/** Functions whose result depends on the evaluation time though their arguments do not. */
const timeDependent = new Set([
  ...['days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month', 'year'],
  ...['end', 'predict_linear', 'range', 'start', 'step', 'time', 'timestamp'],
]);

/**
 * The query with `@ time` on every selector and subquery that has none, except inside of subqueries: it gives the same result whenever it
 * is evaluated. `undefined` where that does not hold.
 */
function pinnedQuery(query: string, timeMs: number): string | undefined {
  const expr = parseExpr(query, scriptOptions);
  const inSubquery = new Set<Expr>();
  let dependent = false;
  walk(expr, (node, path) => {
    if (path.some(({ kind }) => kind === 'SubqueryExpr')) inSubquery.add(node);
    else if (node.kind === 'Call' && timeDependent.has(node.func.name)) dependent = true;
  });
  if (dependent) return undefined;
  const pinned = rewrite(expr, (node) => {
    if (node.kind !== 'VectorSelector' && node.kind !== 'SubqueryExpr') return node;
    if (inSubquery.has(node) || node.timestampMs !== undefined) return node;
    return { ...node, timestampMs: timeMs };
  });
  return printExpr(pinned);
}
