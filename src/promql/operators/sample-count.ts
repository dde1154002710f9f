import { QueryError } from '../errors.ts';

/**
 * Counts the samples a query takes in, as Prometheus reports them.
 *
 * `total`: samples looked at, each window of a range vector in full at every step. `read`: samples looked at for the first time.
 */
export class SampleCount {
  total = 0;
  read = 0;
  /** By step of the query's own grid; only when asked for. */
  readonly totalPerStep: Float64Array | undefined;
  readonly readPerStep: Float64Array | undefined;
  readonly maxSamples: number;

  constructor(maxSamples: number, stepsToTrack: number) {
    this.maxSamples = maxSamples;
    this.totalPerStep = stepsToTrack > 0 ? new Float64Array(stepsToTrack) : undefined;
    this.readPerStep = stepsToTrack > 0 ? new Float64Array(stepsToTrack) : undefined;
  }
}

export function tooManySamples(): QueryError {
  return new QueryError('execution', 'query processing would load too many samples into memory in query execution');
}
