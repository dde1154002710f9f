/** One micro-benchmark: `x.bench.ts` beside the code exports a list of these by default. */
export interface BenchCase {
  readonly name: string;
  /** The work that is timed. What it returns is kept, so that it cannot be optimised away. */
  readonly run: () => unknown;
  /** Called once before the first run. */
  readonly setup?: () => unknown;
  /** How many things one run handles (samples, series, …); times are given per one of them. Default 1. */
  readonly ops?: number;
  /** What one of them is called. Default `run`. */
  readonly unit?: string;
}
