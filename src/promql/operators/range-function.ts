import type { Labels } from '../../model/index.ts';
import { FLOAT, type Column, type StepGrid } from '../column.ts';
import type { RangeCall, RangeFunction as Implementation } from '../functions-contract.ts';
import type { RangeCallNode } from '../plan/node.ts';
import type { Arguments } from './arguments.ts';
import { tooManySamples, type EvaluationContext } from './context.ts';
import { withoutMetadata } from '../functions/index.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import type { Usage } from './usage.ts';
import type { WindowSource } from './window-source.ts';
import type { Windows } from './windows.ts';

/** A function of a range vector: the kernel sees one series with all its windows and writes all steps. */
export class RangeFunction implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #node: RangeCallNode;
  readonly #implementation: Implementation;
  readonly #source: WindowSource;
  readonly #args: Arguments;
  readonly #context: EvaluationContext;
  readonly #count = new OutputCount();
  #call: RangeCall | undefined;
  /** Samples in all windows, in the largest one, and by step. */
  #windowed = 0;
  #largest = 0;
  #read = 0;
  readonly #perStep: Float64Array | undefined;

  constructor(
    node: RangeCallNode,
    implementation: Implementation,
    source: WindowSource,
    args: Arguments,
    grid: StepGrid,
    context: EvaluationContext,
  ) {
    this.grid = grid;
    this.#node = node;
    this.#implementation = implementation;
    this.#source = source;
    this.#args = args;
    this.#context = context;
    this.#perStep = context.options.perStepStats ? new Float64Array(grid.steps) : undefined;
  }

  async prepare(): Promise<void> {
    await this.#source.prepare();
    await this.#args.prepare();
  }

  advance(): boolean {
    return this.#source.advance() && this.#args.advance();
  }

  get size(): number {
    return this.#source.size;
  }

  get keepsName(): boolean {
    return this.#implementation.keepsName === true;
  }

  /** `metricName` of the series the function is applied to. */
  get inputMetricName(): string | undefined {
    return this.#source.metricName;
  }

  get metricName(): string | undefined {
    return this.#dropsNow ? '' : this.#source.metricName;
  }

  labels(i: number): Labels {
    const labels = this.#source.labels(i);
    return this.#dropsNow ? withoutMetadata(labels) : labels;
  }

  dropsName(i: number): boolean {
    return !this.keepsName || this.#source.dropsName(i);
  }

  read(i: number, out: Column): void {
    const windows = this.#source.load(i);
    out.clear();
    this.#implementation.kernel(windows, (this.#call ??= this.#makeCall()), out);
    this.#account(i, windows, out);
    if (this.#node.func === 'rate' || this.#node.func === 'increase') this.#noteNonCounter(windows, out);
  }

  usage(): Usage {
    const source = this.#source.usage();
    const out = this.#count.samples;
    const held = source.out + this.#args.scalars.reduce((sum, scalar) => sum + scalar.usage().out, 0);
    const perStep = this.#perStep;
    const overSubquery = this.#node.window.kind === 'subquery';
    return {
      out,
      peak: Math.max(source.peak, held + this.#largest + out),
      total: this.#windowed,
      read: overSubquery ? source.read : this.#read,
      totalPerStep: perStep,
      readPerStep: perStep === undefined ? undefined : new Float64Array(this.grid.steps),
    };
  }

  get #dropsNow(): boolean {
    return !this.#context.options.delayedNameRemoval && !this.keepsName;
  }

  #makeCall(): RangeCall {
    const { func, pos, window, windowArg } = this.#node;
    const { lookbackMs } = this.#context.options;
    const { firstLastMs, strideMs } = this.#source.shape;
    const extension = window.kind === 'matrix' ? window.extension : undefined;
    return {
      ...this.#args.call(func, pos, this.grid, this.#context),
      rangeArg: windowArg,
      rangeMs: window.rangeMs,
      firstEndMs: extension === 'smoothed' ? firstLastMs - lookbackMs : firstLastMs,
      endStepMs: strideMs,
      extension,
      lookbackMs,
      overSubquery: window.kind === 'subquery',
    };
  }

  #account(i: number, windows: Windows, out: Column): void {
    const { steps } = this.grid;
    const { from, to } = windows;
    const perStep = this.#perStep;
    let sum = 0;
    let largest = this.#largest;
    if (windows.histograms === undefined && perStep === undefined) {
      for (let step = 0; step < steps; step++) {
        const samples = to[step]! - from[step]!;
        sum += samples;
        if (samples > largest) largest = samples;
      }
    } else {
      for (let step = 0; step < steps; step++) {
        const samples = windows.samplesAt(step);
        sum += samples;
        if (samples > largest) largest = samples;
        if (perStep !== undefined) perStep[step]! += samples;
      }
    }
    this.#windowed += sum;
    this.#largest = largest;
    if (steps > 0) this.#read += to[steps - 1]! - from[0]!;
    this.#count.add(i, out);
    if (this.#count.samples + largest > this.#context.options.maxSamples) throw tooManySamples();
  }

  /** @see Prometheus `promql/engine.go` (3.14), eval of a call over a range vector */
  #noteNonCounter(windows: Windows, out: Column): void {
    const { annotations, options } = this.#context;
    const name = this.#source.metricName ?? windows.labels.metricName;
    if (name === '' || (!options.typeAndUnitLabels && hasCounterSuffix(name)) || !hasFloat(out)) return;
    const pos = this.#call!.argPos[0]!;
    if (!options.typeAndUnitLabels) {
      annotations.possibleNonCounter(name, pos);
      return;
    }
    const type = windows.labels.get('__type__');
    if (type !== 'counter' && type !== 'histogram') annotations.possibleNonCounterLabel(name, type, pos);
  }
}

function hasCounterSuffix(name: string): boolean {
  return name.endsWith('_total') || name.endsWith('_sum') || name.endsWith('_count') || name.endsWith('_bucket');
}

function hasFloat(column: Column): boolean {
  if (column.histograms === undefined) return !column.isEmpty;
  return column.kinds.includes(FLOAT);
}
