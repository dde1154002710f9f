/** What one query may cost. Absent: no limit beyond the server's own. */
export interface Limits {
  /** Series a query may select, all its selectors together. */
  readonly maxSeries?: number;
  /** Samples a query may read. */
  readonly maxSamples?: number;
  /** Longest span between a range query's start and end. */
  readonly maxRangeMs?: number;
  /** Longest a query may run. */
  readonly maxDurationMs?: number;
  /** Queries one identity may run at once; more wait. */
  readonly maxConcurrency?: number;
  /** Size of an answer before compression. */
  readonly maxResultBytes?: number;
}

export const noLimits: Limits = {};

/** The stricter of both, field by field. */
export function strictest(a: Limits, b: Limits): Limits {
  const limits: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b) as [string, number | undefined][]) {
    if (value !== undefined) limits[name] = Math.min(value, limits[name] ?? Infinity);
  }
  return limits;
}
