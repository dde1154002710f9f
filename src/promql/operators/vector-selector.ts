import type { Labels, SampleColumn } from '../../model/index.ts';
import { ABSENT, FLOAT, addSamplesPerStep, type Column, type StepGrid } from '../column.ts';
import type { VectorNode } from '../plan/node.ts';
import { tooManySamples, type EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import type { Select } from './select.ts';
import type { Usage } from './usage.ts';

/**
 * An instant selector: at every step the newest sample not older than the lookback, unless it is a staleness marker.
 *
 * @see Prometheus `promql/engine.go` (3.14), evalSeries and vectorSelectorSingle
 */
export class VectorSelector implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly metricName: string | undefined;
  readonly readMatters = false;
  readonly #select: Select;
  readonly #context: EvaluationContext;
  readonly #yields: VectorNode['yields'];
  /** What the first step looks at, and how far the next step's is from it. */
  readonly #firstMs: number;
  readonly #strideMs: number;
  readonly #count = new OutputCount();
  readonly #perStep: Float64Array | undefined;
  #size: number | undefined;

  constructor(node: VectorNode, select: Select, grid: StepGrid, context: EvaluationContext) {
    this.grid = grid;
    this.metricName = select.metricName;
    this.#select = select;
    this.#context = context;
    this.#yields = node.yields;
    this.#firstMs = (node.atMs ?? grid.startMs) - node.offsetMs;
    this.#strideMs = node.atMs === undefined ? grid.stepMs : 0;
    this.#perStep = context.options.perStepStats ? new Float64Array(grid.steps) : undefined;
  }

  prepare(): Promise<void> {
    return this.#select.prepare();
  }

  advance(): boolean {
    return true;
  }

  get size(): number {
    return (this.#size ??= this.#select.series.length);
  }

  labels(i: number): Labels {
    return this.#select.labels(i);
  }

  dropsName(): boolean {
    return false;
  }

  read(i: number, out: Column): void {
    const samples = this.#select.samples(i);
    const { lookbackMs, maxSamples } = this.#context.options;
    out.histograms = undefined;
    if (this.#yields !== 'value') {
      const starts = this.#yields === 'start-timestamp';
      newestTimes(samples, starts, this.#firstMs, this.#strideMs, lookbackMs, out);
    } else if (samples.histograms === undefined) newestFloats(samples, this.#firstMs, this.#strideMs, lookbackMs, out);
    else newestSamples(samples, this.#firstMs, this.#strideMs, lookbackMs, out);
    this.#count.add(i, out);
    if (this.#count.samples > maxSamples) throw tooManySamples();
    if (this.#perStep !== undefined) addSamplesPerStep(out, this.#perStep);
  }

  usage(): Usage {
    const { samples } = this.#count;
    const perStep = this.#perStep;
    // The times are gathered step by step, as if by a function.
    const gathered = this.#yields === 'value' ? 0 : Math.ceil(samples / Math.max(1, this.grid.steps));
    return {
      out: samples,
      peak: samples + gathered,
      total: samples,
      read: samples,
      totalPerStep: perStep,
      readPerStep: perStep,
    };
  }
}

/**
 * For each step the value of the newest sample in `(ref - lookback, ref]`, where `ref = firstMs + i * strideMs`; absent where there
 * is none or it is a staleness marker. Floats only.
 */
function newestFloats(samples: SampleColumn, firstMs: number, strideMs: number, lookbackMs: number, out: Column): void {
  const { t, v, stale, length, staleCount } = samples;
  const { values, kinds } = out;
  const steps = kinds.length;
  // With even intervals the newest sample moves on by the same number at every step: a guess checked is cheaper than a search (4 ns
  // a step against 7), as long as the step is not shorter than the interval.
  const guesses = staleCount === 0 && length > 1 && strideMs * (length - 1) >= (t[length - 1]! - t[0]!) * 0.9;
  let newest = -1;
  let i = 0;
  while (i < steps) {
    const before = newest;
    const ref = firstMs + i * strideMs;
    while (newest + 1 < length && t[newest + 1]! <= ref) newest++;
    const isPresent = newest >= 0 && t[newest]! > ref - lookbackMs && (staleCount === 0 || stale[newest] === 0);
    kinds[i] = isPresent ? FLOAT : ABSENT;
    if (isPresent) values[i] = v[newest]!;
    i++;
    if (!guesses || !isPresent) continue;
    const rise = newest - before;
    let guess = newest + rise;
    while (i < steps && guess < length - 1) {
      const next = firstMs + i * strideMs;
      const at = t[guess]!;
      if (at > next || t[guess + 1]! <= next || at <= next - lookbackMs) break;
      values[i] = v[guess]!;
      kinds[i] = FLOAT;
      i++;
      guess += rise;
    }
    newest = guess - rise;
  }
}

/** `newestFloats` for a series that has histograms. */
function newestSamples(
  samples: SampleColumn,
  firstMs: number,
  strideMs: number,
  lookbackMs: number,
  out: Column,
): void {
  const { t, v, stale, length, histograms } = samples;
  const steps = out.kinds.length;
  let next = 0;
  for (let i = 0; i < steps; i++) {
    const ref = firstMs + i * strideMs;
    while (next < length && t[next]! <= ref) next++;
    const newest = next - 1;
    if (newest < 0 || t[newest]! <= ref - lookbackMs || stale[newest] === 1) {
      out.kinds[i] = ABSENT;
      continue;
    }
    const histogram = histograms?.[newest];
    if (histogram !== undefined) out.setHistogram(i, histogram);
    else {
      out.values[i] = v[newest]!;
      out.kinds[i] = FLOAT;
    }
  }
}

/** Like `newestFloats`, with the samples' own times, or start times, in seconds for values; of histograms too. */
function newestTimes(
  samples: SampleColumn,
  starts: boolean,
  firstMs: number,
  strideMs: number,
  lookbackMs: number,
  out: Column,
): void {
  const { t, stale, length, startT } = samples;
  const { values, kinds } = out;
  const steps = kinds.length;
  let next = 0;
  for (let i = 0; i < steps; i++) {
    const ref = firstMs + i * strideMs;
    while (next < length && t[next]! <= ref) next++;
    const newest = next - 1;
    if (newest < 0 || t[newest]! <= ref - lookbackMs || stale[newest] === 1) {
      kinds[i] = ABSENT;
      continue;
    }
    values[i] = (starts ? (startT?.[newest] ?? 0) : t[newest]!) / 1000;
    kinds[i] = FLOAT;
  }
}
