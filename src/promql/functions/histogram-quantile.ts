import { LabelsBuilder, formatFloat, formatFloatGeneral, type Labels } from '../../model/index.ts';
import { FLOAT, type Column } from '../column.ts';
import { executionError } from '../errors.ts';
import type { FunctionCall, GroupFunction } from '../functions-contract.ts';
import type { PositionRange } from '../parse/ast.ts';
import { BucketTable } from './bucket-table.ts';
import { classicFraction } from './classic-fraction.ts';
import { classicQuantile, type RaisedBuckets } from './classic-quantile.ts';
import { StepHistogram, groupHistograms, type HistogramGroup } from './histogram-groups.ts';
import { nativeFraction } from './native-fraction.ts';
import { NAN_RESULT, NAN_SKEW, nativeQuantile } from './native-quantile.ts';

/** `histogram_quantile(q, v)` of classic and native histograms. */
export const histogramQuantile: GroupFunction = {
  kind: 'group',
  plan(inputs, call) {
    warnOfQuantiles(call, 0);
    return groupHistograms(inputs, call, (shared) => [shared]);
  },
  evaluate(group, inputs, call, out) {
    const detail = group.detail as HistogramGroup;
    const quantiles = call.scalars[0]!;
    const writer = new QuantileWriter(detail, inputs, call, call.argPos[1] ?? call.pos);
    for (let i = 0; i < call.grid.steps; i++) writer.write(quantiles[i]!, i, out[0]!);
  },
};

/**
 * `histogram_quantiles(v, label, q…)`: several quantiles at once, told apart by `label`. A quantile that differs from step to step has one
 * output for each value it takes.
 */
export const histogramQuantiles: GroupFunction = {
  kind: 'group',
  plan(inputs, call) {
    for (let a = FIRST_QUANTILE; a < call.argCount; a++) warnOfQuantiles(call, a);
    const wanted = outputQuantiles(call);
    // Labels are made for all before any is evaluated: a quantile that is another at every step must not take all memory.
    if (wanted.length * inputs.length > MAX_OUTPUTS) {
      throw executionError(
        `histogram_quantiles() would give ${wanted.length} quantiles of up to ${inputs.length} histograms, which is more than ${MAX_OUTPUTS} series`,
      );
    }
    const groups = groupHistograms(inputs, call, (shared) =>
      wanted.map(({ text }) => withQuantile(shared, call, text)),
    );
    return groups.map((group) => ({ ...group, detail: { histogram: group.detail as HistogramGroup, wanted } }));
  },
  evaluate(group, inputs, call, out) {
    const { histogram, wanted } = group.detail as { histogram: HistogramGroup; wanted: OutputQuantile[] };
    const writer = new QuantileWriter(histogram, inputs, call, call.argPos[0] ?? call.pos);
    wanted.forEach(({ argument, value }, o) => {
      const quantiles = call.scalars[argument]!;
      for (let i = 0; i < call.grid.steps; i++) {
        if (Object.is(quantiles[i], value)) writer.write(value, i, out[o]!);
      }
    });
  },
};

/** `histogram_fraction(lower, upper, v)` of classic and native histograms. */
export const histogramFraction: GroupFunction = {
  kind: 'group',
  plan: (inputs, call) => groupHistograms(inputs, call, (shared) => [shared]),
  evaluate(group, inputs, call, out) {
    const detail = group.detail as HistogramGroup;
    const pos = call.argPos[2] ?? call.pos;
    const histogram = new StepHistogram(detail, inputs, call, pos);
    const table = new BucketTable();
    const notes = { hasNaN: false };
    const [lower, upper] = call.scalars;
    const { values, kinds } = out[0]!;
    for (let i = 0; i < call.grid.steps; i++) {
      const { native, length } = histogram.load(i);
      if (native !== undefined) values[i] = nativeFraction(lower![i]!, upper![i]!, native, table, notes);
      else if (length > 0) values[i] = classicFraction(lower![i]!, upper![i]!, histogram);
      else continue;
      kinds[i] = FLOAT;
    }
    if (notes.hasNaN) call.annotations.fractionNaNs(detail.metricName, pos);
  },
};

/** Writes quantiles of one group of series, and what there is to say about them. */
class QuantileWriter {
  readonly #histogram: StepHistogram;
  readonly #metricName: string;
  readonly #call: FunctionCall;
  readonly #pos: PositionRange;
  readonly #notes = { notes: 0 };
  readonly #raised: RaisedBuckets = { count: 0, lowest: Infinity, highest: -Infinity, largest: 0 };

  constructor(group: HistogramGroup, inputs: readonly Column[], call: FunctionCall, pos: PositionRange) {
    this.#histogram = new StepHistogram(group, inputs, call, pos);
    this.#metricName = group.metricName;
    this.#call = call;
    this.#pos = pos;
  }

  /** Writes quantile `q` at step `i`, if there is a histogram. */
  write(q: number, i: number, out: Column): void {
    const histogram = this.#histogram.load(i);
    if (histogram.native !== undefined) {
      this.#notes.notes = 0;
      out.values[i] = nativeQuantile(q, histogram.native, this.#notes);
      if (this.#notes.notes !== 0) this.#annotate();
    } else if (histogram.length > 0) {
      out.values[i] = classicQuantile(q, histogram, this.#raised);
      if (this.#raised.count > 0) this.#annotateRaised(i);
    } else return;
    out.kinds[i] = FLOAT;
  }

  #annotate(): void {
    const { annotations } = this.#call;
    if (this.#notes.notes & NAN_RESULT) annotations.quantileNaNResult(this.#metricName, this.#pos);
    if (this.#notes.notes & NAN_SKEW) annotations.quantileNaNSkew(this.#metricName, this.#pos);
  }

  #annotateRaised(i: number): void {
    const { grid, annotations } = this.#call;
    const raised = this.#raised;
    const tsMs = grid.startMs + i * grid.stepMs;
    annotations.forcedMonotonicity(this.#metricName, this.#pos, tsMs, raised.lowest, raised.highest, raised.largest);
    raised.count = 0;
    raised.lowest = Infinity;
    raised.highest = -Infinity;
    raised.largest = 0;
  }
}

/** Most series that quantiles which vary over the steps may give. */
const MAX_OUTPUTS = 2_000_000;

/** The arguments of histogram_quantiles before the quantiles: the vector and the label. */
const FIRST_QUANTILE = 2;

/** A value that one quantile argument takes, with the text it has in the label. */
interface OutputQuantile {
  readonly argument: number;
  readonly value: number;
  readonly text: string;
}

function outputQuantiles(call: FunctionCall): OutputQuantile[] {
  const wanted: OutputQuantile[] = [];
  for (let argument = FIRST_QUANTILE; argument < call.argCount; argument++) {
    for (const value of new Set(call.scalars[argument]!.subarray(0, call.grid.steps))) {
      wanted.push({ argument, value, text: formatLabelFloat(value) });
    }
  }
  return wanted;
}

function withQuantile(labels: Labels, call: FunctionCall, text: string): Labels {
  return new LabelsBuilder(labels).set(call.strings[1]!, text).labels();
}

/** A number as label values hold it: like Go's `%g`, but never without point or exponent. */
function formatLabelFloat(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  if (value === 0) return '0.0';
  const text = formatFloatGeneral(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function warnOfQuantiles(call: FunctionCall, argument: number): void {
  const quantiles = call.scalars[argument]!;
  let warned: number | undefined;
  for (let i = 0; i < call.grid.steps; i++) {
    const q = quantiles[i]!;
    if ((q >= 0 && q <= 1) || Object.is(q, warned)) continue;
    warned = q;
    call.annotations.invalidQuantile(q, call.argPos[argument] ?? call.pos);
  }
}
