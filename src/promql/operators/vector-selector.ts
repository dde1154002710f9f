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
    return { out: samples, peak: samples, total: samples, read: samples, totalPerStep: perStep, readPerStep: perStep };
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
  let next = 0;
  let newestT = -Infinity;
  let newestV = 0;
  for (let i = 0; i < steps; i++) {
    const ref = firstMs + i * strideMs;
    if (next < length && t[next]! <= ref) {
      do next++;
      while (next < length && t[next]! <= ref);
      newestT = staleCount > 0 && stale[next - 1] === 1 ? -Infinity : t[next - 1]!;
      newestV = v[next - 1]!;
    }
    if (newestT > ref - lookbackMs) {
      values[i] = newestV;
      kinds[i] = FLOAT;
    } else kinds[i] = ABSENT;
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
