import type { Clock } from '../../runtime/index.ts';
import { Annotations } from '../annotations.ts';
import { QueryError } from '../errors.ts';

/** What stops a query from outside. */
export interface Cancellation {
  readonly signal?: AbortSignal;
  /** First element not 0: cancelled. For queries that run in a worker, where no event arrives while operators run. */
  readonly flag?: Int32Array;
}

export interface EvaluationOptions {
  readonly clock: Clock;
  /** Monotonic ms at which the query has to be over. */
  readonly deadlineMs: number;
  readonly cancellation: Cancellation;
  readonly lookbackMs: number;
  readonly maxMemoryBytes: number;
  readonly delayedNameRemoval: boolean;
  readonly typeAndUnitLabels: boolean;
  readonly useStartTimestamps: boolean;
  readonly maxSamples: number;
  /** Count samples by step too. */
  readonly perStepStats: boolean;
  /** How long operators may run before other work gets its turn, ms; Infinity where there is none. */
  readonly sliceMs: number;
}

/** How many `check` calls pass between two looks at the clock: a look costs about as much as reading a short column. */
const CHECKS_PER_LOOK = 16;

/** What all operators of one execution share. */
export class EvaluationContext {
  readonly annotations = new Annotations();
  readonly options: EvaluationOptions;
  #checksLeft = CHECKS_PER_LOOK;
  #bytes = 0;
  #sliceEndMs = Infinity;

  constructor(options: EvaluationOptions) {
    this.options = options;
  }

  /**
   * To be called once per series: stops a query that was cancelled or ran out of time.
   *
   * @throws {QueryError} codes `canceled` and `timeout`
   */
  check(): void {
    if (--this.#checksLeft > 0) return;
    this.look();
  }

  /** `check`, at once. */
  look(): void {
    this.#checksLeft = CHECKS_PER_LOOK;
    const { clock, deadlineMs, cancellation } = this.options;
    if (cancellation.flag !== undefined && Atomics.load(cancellation.flag, 0) !== 0) throw canceled();
    if (cancellation.signal?.aborted === true) throw canceled();
    if (clock.monotonic() > deadlineMs) {
      throw new QueryError('timeout', 'query timed out in expression evaluation');
    }
  }

  /** Starts a slice of work. */
  beginSlice(): void {
    const { clock, sliceMs } = this.options;
    this.#sliceEndMs = clock.monotonic() + sliceMs;
  }

  /** Whether other work should get its turn now. */
  get isSliceOver(): boolean {
    return this.#sliceEndMs !== Infinity && this.options.clock.monotonic() > this.#sliceEndMs;
  }

  /**
   * Counts memory an operator keeps for longer than one series.
   *
   * @throws {QueryError} code `execution` when the query needs more than it may have
   */
  reserve(bytes: number): void {
    this.#bytes += bytes;
    const { maxMemoryBytes } = this.options;
    if (this.#bytes > maxMemoryBytes) {
      throw new QueryError('execution', `query needs more than ${maxMemoryBytes} bytes of memory in query execution`);
    }
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

function canceled(): QueryError {
  return new QueryError('canceled', 'query was canceled in expression evaluation');
}

export function tooManySamples(): QueryError {
  return new QueryError('execution', 'query processing would load too many samples into memory in query execution');
}
