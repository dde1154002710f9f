/** What the writer process commits: batch `b` has one sample of each series at `T0 + b` seconds. */
export const SERIES = 200;
export const T0 = 1_790_000_000_000;

export function valueOf(series: number, batch: number): number {
  return Math.sqrt(series * 1e6 + batch);
}
