import { Labels, type FloatHistogram } from '../../model/index.ts';
import { Annotations } from '../annotations.ts';
import type { StepGrid } from '../column.ts';
import type { FunctionCall, RangeCall, RangeInput } from '../functions-contract.ts';

/** A sample for {@link rangeInput}: time in ms, and a float or a histogram. */
export type Sample = readonly [t: number, value: number | FloatHistogram];

/** What of a call a test or benchmark wants to say; everything else has a plain default. */
export interface CallOptions {
  readonly name?: string;
  readonly grid: StepGrid;
  readonly rangeMs?: number;
  readonly offsetMs?: number;
  readonly extension?: 'anchored' | 'smoothed';
  /** By argument: the same number at every step, or a text. */
  readonly args?: readonly (number | string | undefined)[];
  readonly delayedNameRemoval?: boolean;
}

const LOOKBACK_MS = 300_000;

/** A call as the engine would make it, for tests and benchmarks of single functions. */
export function functionCall({ name = 'f', grid, args = [], delayedNameRemoval = false }: CallOptions): FunctionCall {
  return {
    name,
    grid,
    scalars: args.map((arg) => (typeof arg === 'number' ? new Float64Array(grid.steps).fill(arg) : undefined)),
    strings: args.map((arg) => (typeof arg === 'string' ? arg : undefined)),
    argCount: args.length,
    pos: { start: 0, end: 1 },
    argPos: args.map((_, i) => ({ start: i, end: i + 1 })),
    annotations: new Annotations(),
    delayedNameRemoval,
  };
}

/** A call of a range-vector function; the range stands where `args` has `undefined`. */
export function rangeCall(options: CallOptions): RangeCall {
  const { grid, rangeMs = 60_000, offsetMs = 0, extension } = options;
  const call = functionCall(options);
  return {
    ...call,
    rangeArg: Math.max(0, options.args?.indexOf(undefined) ?? 0),
    rangeMs,
    firstEndMs: grid.startMs - offsetMs,
    endStepMs: grid.stepMs,
    extension,
    lookbackMs: LOOKBACK_MS,
    overSubquery: false,
  };
}

/** The samples of one series with the windows of `call`. */
export function rangeInput(samples: readonly Sample[], call: RangeCall, labels = Labels.EMPTY): RangeInput {
  const floats = samples.filter((sample): sample is [number, number] => typeof sample[1] === 'number');
  const histograms = samples.filter((sample): sample is [number, FloatHistogram] => typeof sample[1] !== 'number');
  const t = Float64Array.from(floats, ([time]) => time);
  const histogramT = Float64Array.from(histograms, ([time]) => time);
  return {
    labels,
    t,
    v: Float64Array.from(floats, ([, value]) => value),
    length: floats.length,
    startT: undefined,
    ...windows(t, call),
    histograms:
      histograms.length === 0
        ? undefined
        : {
            t: histogramT,
            h: histograms.map(([, histogram]) => histogram),
            length: histograms.length,
            startT: undefined,
            ...windows(histogramT, call),
          },
  };
}

function windows(t: Float64Array, call: RangeCall): { from: Int32Array; to: Int32Array } {
  const { steps } = call.grid;
  const from = new Int32Array(steps);
  const to = new Int32Array(steps);
  const before = call.extension === undefined ? 0 : call.lookbackMs;
  const after = call.extension === 'smoothed' ? call.lookbackMs : 0;
  const firstAfter = (time: number) => {
    const at = t.findIndex((x) => x > time);
    return at < 0 ? t.length : at;
  };
  for (let i = 0; i < steps; i++) {
    const end = call.firstEndMs + i * call.endStepMs;
    from[i] = firstAfter(end - call.rangeMs - before);
    to[i] = firstAfter(end + after);
  }
  return { from, to };
}
