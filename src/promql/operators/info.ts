import { LabelsBuilder, Matcher, METRIC_NAME, SampleColumn, type Labels } from '../../model/index.ts';
import type { Querier, Series } from '../../storage/index.ts';
import { ABSENT, Column, gridEnd, type StepGrid } from '../column.ts';
import { executionError, SAME_LABELSET } from '../errors.ts';
import type { InfoNode } from '../plan/node.ts';
import type { EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';
import { expandingSeries } from './select.ts';
import { inPlaceUsage, type Usage } from './usage.ts';

/** The labels that say which target an info series describes. */
const IDENTIFYING = ['instance', 'job'];
const DEFAULT_INFO_METRIC = 'target_info';

/**
 * `info(v, selector)`: adds the labels of info series, such as `target_info`, to the series of the same target.
 *
 * Which info series exist is asked only when the series to enrich are known, so the whole input is evaluated, and kept, first.
 *
 * @see Prometheus `promql/info.go` (3.14)
 */
export class Info implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly metricName = undefined;
  readonly readMatters = false;
  readonly #node: InfoNode;
  readonly #input: VectorOperator;
  readonly #querier: Querier;
  readonly #context: EvaluationContext;
  /** Matchers of the second argument, those on the metric name apart. */
  readonly #nameMatchers: readonly Matcher[];
  readonly #dataMatchers: readonly Matcher[];
  #prepared: Promise<void> | undefined;
  #outputs: readonly Enriched[] = [];

  constructor(node: InfoNode, input: VectorOperator, querier: Querier, context: EvaluationContext) {
    this.grid = input.grid;
    this.#node = node;
    this.#input = input;
    this.#querier = querier;
    this.#context = context;
    const matchers = node.matchers ?? [];
    this.#nameMatchers = infoNameMatchers(matchers.filter((matcher) => matcher.name === METRIC_NAME));
    this.#dataMatchers = matchers.filter((matcher) => matcher.name !== METRIC_NAME);
  }

  prepare(): Promise<void> {
    return (this.#prepared ??= this.#evaluate());
  }

  advance(): boolean {
    return true;
  }

  get size(): number {
    return this.#outputs.length;
  }

  labels(i: number): Labels {
    return this.#outputs[i]!.labels;
  }

  dropsName(i: number): boolean {
    return this.#outputs[i]!.dropsName;
  }

  read(i: number, out: Column): void {
    out.copyFrom(this.#outputs[i]!.column);
  }

  usage(): Usage {
    const out = this.#outputs.reduce((sum, { column }) => sum + column.sampleCount, 0);
    return inPlaceUsage(this.#input.usage(), out);
  }

  async #evaluate(): Promise<void> {
    await this.#input.prepare();
    const bases = this.#readInput();
    const infos = await this.#selectInfos(bases);
    this.#outputs = this.#enrich(bases, this.#newestByTarget(infos, bases));
  }

  #readInput(): readonly Base[] {
    const input = this.#input;
    // Other work gets no turn here, but the deadline and cancellation are looked at in every read.
    while (!input.advance());
    const bases: Base[] = [];
    let column = new Column(this.grid.steps);
    for (let i = 0; i < input.size; i++) {
      input.read(i, column);
      if (column.isEmpty) continue;
      this.#context.reserve(this.grid.steps * 9);
      const labels = input.labels(i);
      const name = labels.metricName;
      const isInfo = this.#nameMatchers.every((matcher) => matcher.matches(name));
      bases.push({ labels, column, dropsName: input.dropsName(i), isInfo });
      column = new Column(this.grid.steps);
    }
    return bases;
  }

  async #selectInfos(bases: readonly Base[]): Promise<readonly Series[]> {
    const matchers: Matcher[] = [];
    for (const name of IDENTIFYING) {
      const values = new Set<string>();
      for (const { labels, isInfo } of bases) if (!isInfo && labels.has(name)) values.add(labels.get(name));
      if (values.size > 0) matchers.push(new Matcher('=~', name, [...values].map(quotePattern).join('|')));
    }
    if (matchers.length === 0) return [];
    matchers.push(...this.#dataMatchers, ...this.#nameMatchers);
    const { offsetMs, atMs } = this.#node;
    const mint = (atMs ?? this.grid.startMs) - offsetMs - this.#context.options.lookbackMs + 1;
    const maxt = (atMs ?? gridEnd(this.grid)) - offsetMs;
    const hints = { mint, maxt, stepMs: this.grid.stepMs, func: 'info' };
    const set = await expandingSeries(() => this.#querier.select(matchers, { sorted: false, hints }));
    for (const warning of set.warnings) this.#context.annotations.storageWarning(warning);
    return set.series;
  }

  /**
   * For each info metric and target, which info series is the newest at each step.
   *
   * @throws {QueryError} where two are equally new
   */
  #newestByTarget(infos: readonly Series[], bases: readonly Base[]): readonly InfoMetric[] {
    const { steps } = this.grid;
    const isNeeded = new Uint8Array(steps);
    for (const { column } of bases) for (let i = 0; i < steps; i++) if (column.kinds[i] !== ABSENT) isNeeded[i] = 1;

    const metrics = new Map<string, InfoMetric>();
    const times = new Float64Array(steps);
    const samples = new SampleColumn();
    for (const series of infos) {
      this.#context.check();
      const { labels } = series;
      if (!this.#sampleTimes(series, samples, times)) continue;
      const name = labels.metricName;
      let metric = metrics.get(name);
      if (metric === undefined) metrics.set(name, (metric = { name, targets: new Map() }));
      const key = targetKey(labels);
      let newest = metric.targets.get(key);
      if (newest === undefined) {
        newest = { times: new Float64Array(steps).fill(-Infinity), labels: new Array<Labels>(steps) };
        metric.targets.set(key, newest);
      }
      for (let i = 0; i < steps; i++) {
        if (isNeeded[i] === 0 || times[i] === -Infinity) continue;
        if (times[i] === newest.times[i]) {
          const [existing, added] = [newest.labels[i]!.toString(), labels.toString()];
          throw executionError(
            `found duplicate series for info metric: existing ${existing} @ ${times[i]}, new ${added} @ ${times[i]}`,
          );
        }
        if (times[i]! < newest.times[i]!) continue;
        newest.times[i] = times[i]!;
        newest.labels[i] = labels;
      }
    }
    return [...metrics.values()];
  }

  /** Times of the samples an instant selector would find at each step, -Infinity for none. @returns whether there is any */
  #sampleTimes(series: Series, samples: SampleColumn, times: Float64Array): boolean {
    const { offsetMs, atMs } = this.#node;
    const { lookbackMs } = this.#context.options;
    const firstMs = (atMs ?? this.grid.startMs) - offsetMs;
    const strideMs = atMs === undefined ? this.grid.stepMs : 0;
    samples.reset();
    series.read(samples, firstMs - lookbackMs + 1, firstMs + (this.grid.steps - 1) * strideMs);
    let next = 0;
    let any = false;
    for (let i = 0; i < times.length; i++) {
      const ref = firstMs + i * strideMs;
      while (next < samples.length && samples.t[next]! <= ref) next++;
      const t = next > 0 && samples.stale[next - 1] === 0 ? samples.t[next - 1]! : -Infinity;
      times[i] = t > ref - lookbackMs ? t : -Infinity;
      if (times[i] === -Infinity) continue;
      any = true;
      if (samples.histograms?.[next - 1] !== undefined) {
        throw executionError(`this should be an info metric, with float samples: ${series.labels.toString()}`);
      }
    }
    return any;
  }

  #enrich(bases: readonly Base[], metrics: readonly InfoMetric[]): readonly Enriched[] {
    const { steps } = this.grid;
    const outputs = new Map<string, Enriched>();
    const requiresInfo = this.#dataMatchers.some((matcher) => !matcher.matchesEmpty);
    for (const base of bases) {
      const { labels, column, dropsName, isInfo } = base;
      const key = targetKey(labels);
      const targets = isInfo ? [] : metrics.flatMap(({ targets }) => targets.get(key) ?? []);
      let known: readonly (Labels | undefined)[] | undefined;
      let enriched: Labels | undefined;
      for (let i = 0; i < steps; i++) {
        if (column.kinds[i] === ABSENT) continue;
        // Info series change rarely: neighbouring steps mostly have the same.
        if (known === undefined || targets.some((target, n) => target.labels[i] !== known![n])) {
          known = targets.map((target) => target.labels[i]);
          const found = known.filter((info) => info !== undefined);
          enriched = found.length === 0 && !isInfo && requiresInfo ? undefined : this.#merge(labels, found);
        }
        if (enriched !== undefined) this.#put(outputs, enriched, dropsName, column, i);
      }
    }
    return [...outputs.values()];
  }

  #put(outputs: Map<string, Enriched>, labels: Labels, dropsName: boolean, from: Column, step: number): void {
    const key = labels.key();
    let output = outputs.get(key);
    if (output === undefined) {
      this.#context.reserve(this.grid.steps * 9);
      output = { labels, dropsName, column: new Column(this.grid.steps) };
      outputs.set(key, output);
    }
    const { column } = output;
    if (column.kinds[step] !== ABSENT) throw executionError(SAME_LABELSET);
    const histogram = from.histograms?.[step];
    if (histogram !== undefined) column.setHistogram(step, histogram);
    else {
      column.kinds[step] = from.kinds[step]!;
      column.values[step] = from.values[step]!;
    }
  }

  /** The base labels with the data labels of the info series. @throws {QueryError} when these contradict each other */
  #merge(base: Labels, infos: readonly Labels[]): Labels {
    if (infos.length === 0) return base;
    const wanted = this.#dataMatchers.length === 0 ? undefined : new Set(this.#dataMatchers.map(({ name }) => name));
    const data = new Map<string, string>();
    for (const info of infos) {
      for (const [name, value] of info) {
        if (name === METRIC_NAME || wanted?.has(name) === false) continue;
        const known = data.get(name);
        if (known !== undefined && known !== value) throw executionError(`conflicting label: ${name}`);
        if (!base.has(name)) data.set(name, value);
      }
    }
    const builder = new LabelsBuilder(base);
    for (const [name, value] of data) builder.set(name, value);
    return builder.labels();
  }
}

interface Base {
  readonly labels: Labels;
  readonly column: Column;
  readonly dropsName: boolean;
  /** An info series itself: left as it is. */
  readonly isInfo: boolean;
}

interface InfoMetric {
  readonly name: string;
  /** By the values of the identifying labels. */
  readonly targets: Map<string, NewestInfo>;
}

/** The newest info series of a target at each step. */
interface NewestInfo {
  readonly times: Float64Array;
  readonly labels: (Labels | undefined)[];
}

interface Enriched {
  readonly labels: Labels;
  readonly dropsName: boolean;
  readonly column: Column;
}

const identifyingNames = new Set(IDENTIFYING);

function targetKey(labels: Labels): string {
  return labels.keyOn(identifyingNames);
}

/** Which metrics are looked at: as asked, `target_info` when nothing is, all `*_info` when it is only said which are not. */
function infoNameMatchers(matchers: readonly Matcher[]): readonly Matcher[] {
  if (matchers.some(({ type }) => type === '=' || type === '=~')) return matchers;
  if (matchers.length > 0) return [new Matcher('=~', METRIC_NAME, '.+_info'), ...matchers];
  return [new Matcher('=', METRIC_NAME, DEFAULT_INFO_METRIC)];
}

/** A text as a pattern that matches just that. */
function quotePattern(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
