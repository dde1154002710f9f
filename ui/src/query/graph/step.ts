import { type Resolution } from '../panel-state.ts';

/** Prometheus refuses more points per series. */
export const maxPoints = 11_000;

const points = { low: 100, medium: 250, high: 1000 } as const;

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

// Steps that people read easily, and that divide the next larger unit.
const niceStepsMs = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 250, 500],
  ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * secondMs),
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((n) => n * minuteMs),
  ...[1, 2, 3, 6, 8, 12].map((n) => n * hourMs),
  ...[1, 2, 7, 14, 28].map((n) => n * dayMs),
];

/**
 * The distance of two points in ms: for `auto` a readable one that gives at most the density's number of points; a
 * fixed one is widened only where it would exceed what the server answers.
 */
export function chooseStep(rangeMs: number, resolution: Resolution): number {
  const leastMs = Math.max(1, Math.ceil(rangeMs / (maxPoints - 1)));
  if (resolution.kind === 'fixed') return Math.max(resolution.stepMs, leastMs);
  const wanted = rangeMs / points[resolution.density];
  return niceStepsMs.find((step) => step >= wanted) ?? Math.ceil(wanted / dayMs) * dayMs;
}
