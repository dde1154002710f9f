import type { Labels } from '../../model/index.ts';
import { FLOAT, type Column, type StepGrid } from '../column.ts';
import type { RangeCall, RangeFunction as Implementation } from '../functions-contract.ts';
import { subqueryGrid, type RangeCallNode } from '../plan/node.ts';
import { hasCounterSuffix, mayComment } from '../range-notes.ts';
import type { Arguments } from './arguments.ts';
import { tooManySamples, type EvaluationContext } from './context.ts';
import { withoutMetadata } from '../functions/index.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import { readsBySubquery, type Usage } from './usage.ts';
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
  /** Samples in all windows, those looked at for the first time, and both by step. */
  #windowed = 0;
  #read = 0;
  readonly #perStep: Float64Array | undefined;
  readonly #readPerStep: Float64Array | undefined;
  /** Most samples held at a time: the output so far and one window. */
  #peak = 0;

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
    if (!context.options.perStepStats) return;
    this.#perStep = new Float64Array(grid.steps);
    this.#readPerStep = new Float64Array(grid.steps);
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

  get readMatters(): boolean {
    const { func, window } = this.#node;
    if (window.kind === 'subquery' && this.#source.readMatters) return true;
    const isCounting = func === 'rate' || func === 'increase';
    return (isCounting && this.#context.options.typeAndUnitLabels) || mayComment(func, this.#source.metricName);
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
    const { window } = this.#node;
    const fresh =
      window.kind === 'subquery'
        ? readsBySubquery(source, subqueryGrid(window, this.grid), this.grid, window)
        : { read: this.#read, readPerStep: this.#readPerStep };
    const peak = Math.max(source.peak, held + this.#peak);
    return { out, peak, total: this.#windowed, totalPerStep: this.#perStep, ...fresh };
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
    const pinned = this.#source.shape.strideMs === 0;
    let sum = 0;
    let read = 0;
    let largest = 0;
    let last = 0;
    if (windows.histograms === undefined && this.#perStep === undefined) {
      let before = 0;
      for (let step = 0; step < steps; step++) {
        const first = from[step]!;
        const end = to[step]!;
        last = end - first;
        sum += last;
        read += end - Math.max(first, before);
        before = end;
        if (last > largest) largest = last;
      }
    } else {
      for (let step = 0; step < steps; step++) {
        last = windows.samplesAt(step);
        const fresh = windows.newSamplesAt(step);
        sum += last;
        read += fresh;
        if (last > largest) largest = last;
        if (this.#perStep === undefined) continue;
        this.#perStep[step]! += last;
        if (step === 0 || !pinned) this.#readPerStep![step]! += fresh;
      }
    }
    this.#windowed += sum;
    this.#read += read;
    const before = this.#count.samples;
    this.#count.add(i, out);
    this.#peak = Math.max(this.#peak, before + largest, this.#count.samples + last);
    if (this.#peak > this.#context.options.maxSamples) throw tooManySamples();
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

function hasFloat(column: Column): boolean {
  if (column.histograms === undefined) return !column.isEmpty;
  return column.kinds.includes(FLOAT);
}
