import type { StepGrid } from '../column.ts';

/**
 * What a part of a query took, in samples, as if Prometheus had evaluated it: whole results of every part in memory, one part after
 * the other, a part that stands in two places twice.
 */
export interface Usage {
  /** Samples in the result. */
  readonly out: number;
  /** Most samples in memory while the part was evaluated, its result included. */
  readonly peak: number;
  /** Samples looked at, each window of a range vector in full. */
  readonly total: number;
  /** Samples looked at for the first time. */
  readonly read: number;
  /** `total` and `read` by step; only when asked for. */
  readonly totalPerStep: Float64Array | undefined;
  readonly readPerStep: Float64Array | undefined;
}

/** Of a part that reads nothing. */
export function constantUsage(samples: number): Usage {
  return { out: samples, peak: samples, total: 0, read: 0, totalPerStep: undefined, readPerStep: undefined };
}

/**
 * Of a part that is evaluated step by step from the results of its children: these stay in memory, together with the output so far
 * and one step of the input.
 *
 * @see Prometheus `promql/engine.go`, rangeEval
 */
export function stepwiseUsage(children: readonly Usage[], out: number, steps: number): Usage {
  let held = 0;
  let peak = 0;
  for (const child of children) {
    peak = Math.max(peak, held + child.peak);
    held += child.out;
  }
  // Steps are taken to be alike.
  const gathered = steps === 0 ? 0 : Math.ceil(held / steps);
  return { out, peak: Math.max(peak, held + gathered + out), ...summed(children) };
}

/** Of a part that turns its only child's result into its own, in place. */
export function inPlaceUsage(child: Usage, out: number): Usage {
  return { ...child, out, peak: Math.max(child.peak, out) };
}

/** Of an aggregation: parameter and input stay in memory until the result is there. */
export function aggregateUsage(param: Usage | undefined, input: Usage, out: number): Usage {
  const held = param?.out ?? 0;
  const peak = Math.max(param?.peak ?? 0, held + input.peak, out);
  return { out, peak, ...summed(param === undefined ? [input] : [param, input]) };
}

/** Of a part evaluated once for all `steps`. */
export function repeatedUsage(child: Usage, steps: number): Usage {
  const out = child.out * steps;
  const total = child.total * steps;
  const readPerStep = steps > 0 && child.readPerStep !== undefined ? new Float64Array(steps) : undefined;
  if (readPerStep !== undefined) readPerStep[0] = child.read;
  return {
    out,
    peak: Math.max(child.peak, out),
    total,
    read: child.read,
    totalPerStep: child.totalPerStep === undefined ? undefined : new Float64Array(steps).fill(child.total),
    readPerStep,
  };
}

/** What a function reads through a subquery: what each of the subquery's steps read counts at the step that is the first to see it. */
export function readsBySubquery(
  inner: Usage,
  innerGrid: StepGrid,
  outer: StepGrid,
  { offsetMs, rangeMs }: { readonly offsetMs: number; readonly rangeMs: number },
): Pick<Usage, 'read' | 'readPerStep'> {
  if (inner.readPerStep === undefined) return { read: inner.read, readPerStep: undefined };
  const readPerStep = new Float64Array(outer.steps);
  if (outer.steps <= 1) {
    readPerStep.fill(inner.read);
    return { read: inner.read, readPerStep };
  }
  let read = 0;
  inner.readPerStep.forEach((samples, k) => {
    const at = innerGrid.startMs + k * innerGrid.stepMs + offsetMs;
    const step = Math.min(outer.steps - 1, Math.max(0, Math.ceil((at - outer.startMs) / outer.stepMs)));
    // What lies between two windows is computed, but never looked at.
    if (at <= outer.startMs + step * outer.stepMs - rangeMs) return;
    read += samples;
    readPerStep[step]! += samples;
  });
  return { read, readPerStep };
}

/** All at one step, for what has no steps of its own. */
export function atOneStep(usage: Usage): Usage {
  return { ...usage, totalPerStep: Float64Array.of(usage.total), readPerStep: Float64Array.of(usage.read) };
}

/** The sums of what children looked at. */
export function summed(children: readonly Usage[]): Pick<Usage, 'total' | 'read' | 'totalPerStep' | 'readPerStep'> {
  let total = 0;
  let read = 0;
  let totalPerStep: Float64Array | undefined;
  let readPerStep: Float64Array | undefined;
  for (const child of children) {
    total += child.total;
    read += child.read;
    totalPerStep = sumOf(totalPerStep, child.totalPerStep);
    readPerStep = sumOf(readPerStep, child.readPerStep);
  }
  return { total, read, totalPerStep, readPerStep };
}

function sumOf(a: Float64Array | undefined, b: Float64Array | undefined): Float64Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.map((value, i) => value + b[i]!);
}
