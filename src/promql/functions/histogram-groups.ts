import { METRIC_NAME, parseFloatGo, type FloatHistogram, type Labels } from '../../model/index.ts';
import { FLOAT, HISTOGRAM, type Column } from '../column.ts';
import type { FunctionCall, SeriesGroup } from '../functions-contract.ts';
import type { PositionRange } from '../parse/ast.ts';
import { withoutMetadata } from './metadata-labels.ts';

/** The upper bound of a bucket of a classic histogram. */
const BUCKET_LABEL = 'le';
const BUCKET_LABELS = new Set([BUCKET_LABEL]);

/**
 * The series that together are one histogram: the buckets of a classic one, which differ in `le` only, and a native one of the same
 * name and labels. Positions are into the group's inputs.
 */
export interface HistogramGroup {
  /** Ascending. `bucketInputs[k]` is the series of the bucket up to `bounds[k]`. */
  readonly bounds: Float64Array;
  readonly bucketInputs: Int32Array;
  /** Series without a usable `le`: a float in them is no bucket. */
  readonly malformed: readonly { readonly input: number; readonly label: string }[];
  /** The series without `le`, which may hold native histograms; -1 where there is none. */
  readonly native: number;
  /** What annotations call the metric: nothing once its name is dropped. */
  readonly metricName: string;
}

/**
 * Puts the input series of a histogram function together into histograms.
 *
 * @param outputs labels of the results, from the labels the series of a group share
 */
export function groupHistograms(
  inputs: readonly Labels[],
  call: FunctionCall,
  outputs: (shared: Labels) => readonly Labels[],
): SeriesGroup[] {
  const members = new Map<string, { shared: Labels; inputs: number[] }>();
  for (let i = 0; i < inputs.length; i++) {
    const shared = inputs[i]!.drop(BUCKET_LABELS);
    const known = members.get(shared.key());
    if (known === undefined) members.set(shared.key(), { shared, inputs: [i] });
    else known.inputs.push(i);
  }
  return [...members.values()].map((group) => ({
    inputs: group.inputs,
    outputs: outputs(call.delayedNameRemoval ? group.shared : withoutMetadata(group.shared)),
    detail: describeGroup(
      group.inputs.map((i) => inputs[i]!),
      group.shared,
      call,
    ),
  }));
}

function describeGroup(inputs: readonly Labels[], shared: Labels, call: FunctionCall): HistogramGroup {
  const buckets: { bound: number; input: number }[] = [];
  const malformed: { input: number; label: string }[] = [];
  let native = -1;
  inputs.forEach((labels, input) => {
    const label = labels.get(BUCKET_LABEL);
    if (label === '') native = input;
    const bound = parseFloatGo(label) ?? NaN;
    if (Number.isNaN(bound)) malformed.push({ input, label });
    else buckets.push({ bound, input });
  });
  buckets.sort((a, b) => (a.bound < b.bound ? -1 : a.bound > b.bound ? 1 : 0));
  return {
    bounds: Float64Array.from(buckets, ({ bound }) => bound),
    bucketInputs: Int32Array.from(buckets, ({ input }) => input),
    malformed,
    native,
    metricName: call.delayedNameRemoval ? shared.get(METRIC_NAME) : '',
  };
}

/**
 * The histogram of a group at one step: buckets with equal bounds added up, or the native histogram; where both are there, neither. `load`
 * overwrites it.
 */
export class StepHistogram {
  /** `upper[k]` and cumulative `count[k]` for `0 ≤ k < length`; nothing where the histogram is native. */
  readonly upper: Float64Array;
  readonly count: Float64Array;
  length = 0;
  native: FloatHistogram | undefined = undefined;
  readonly #group: HistogramGroup;
  readonly #inputs: readonly Column[];
  readonly #call: FunctionCall;
  readonly #pos: PositionRange;
  /** The columns of the buckets, in the order of the bounds. */
  readonly #kinds: readonly Uint8Array[];
  readonly #values: readonly Float64Array[];

  /** @param pos of the vector argument, for annotations */
  constructor(group: HistogramGroup, inputs: readonly Column[], call: FunctionCall, pos: PositionRange) {
    this.#group = group;
    this.#inputs = inputs;
    this.#call = call;
    this.#pos = pos;
    this.upper = new Float64Array(group.bounds.length);
    this.count = new Float64Array(group.bounds.length);
    this.#kinds = Array.from(group.bucketInputs, (input) => inputs[input]!.kinds);
    this.#values = Array.from(group.bucketInputs, (input) => inputs[input]!.values);
    this.#warnOfMalformed();
  }

  load(i: number): this {
    const { bounds, native } = this.#group;
    const { upper, count } = this;
    const kinds = this.#kinds;
    const values = this.#values;
    let n = 0;
    let previous = NaN;
    for (let k = 0; k < bounds.length; k++) {
      if (kinds[k]![i] !== FLOAT) continue;
      const bound = bounds[k]!;
      const value = values[k]![i]!;
      if (bound === previous) count[n - 1]! += value;
      else {
        upper[n] = bound;
        count[n++] = value;
        previous = bound;
      }
    }
    this.length = n;
    this.native = undefined;
    if (native >= 0) this.#loadNative(this.#inputs[native]!, i);
    return this;
  }

  #loadNative({ kinds, histograms }: Column, i: number): void {
    if (kinds[i] !== HISTOGRAM) return;
    if (this.length === 0) this.native = histograms![i];
    else {
      this.#call.annotations.mixedClassicNativeHistograms(this.#group.metricName, this.#pos);
      this.length = 0;
    }
  }

  #warnOfMalformed(): void {
    for (const { input, label } of this.#group.malformed) {
      if (!this.#inputs[input]!.kinds.includes(FLOAT)) continue;
      this.#call.annotations.badBucketLabel(this.#group.metricName, label, this.#pos);
    }
  }
}
