/** Where the time comes from: a test passes its own. */
export interface Clock {
  /** Wall clock, ms since the epoch, with fractions where the system has them. */
  now(): number;
  /** Monotonic milliseconds for measuring spans. */
  monotonic(): number;
  /** Calls back once after `ms`; the returned function cancels. A pending timer does not keep the process alive. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
