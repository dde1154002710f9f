import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type Answer, type QueryStats, type RangeResult, useApi } from '../../api/index.ts';
import { chooseStep } from '../graph/step.ts';
import { type Panel } from '../panels.ts';

/** An answer with what it took to get it. */
export interface Timed<T> {
  readonly answer: T;
  /** From asking to the parsed answer, in seconds: what the reader waited. */
  readonly seconds: number;
}

async function timed<T>(work: Promise<T>): Promise<Timed<T>> {
  const started = performance.now();
  const answer = await work;
  return { answer, seconds: (performance.now() - started) / 1000 };
}

// A result belongs to one run: it never goes stale by itself, and is forgotten soon after the reader leaves it.
const perRun = { staleTime: Infinity, gcTime: 60_000, placeholderData: keepPreviousData };

/** The panel's expression at its moment. */
export function useInstantResult(panel: Panel) {
  const api = useApi();
  const { expr, endMs } = panel.state;
  const timeMs = endMs ?? panel.ranAtMs;
  return useQuery({
    ...perRun,
    queryKey: ['instant', panel.id, panel.ranAtMs, expr, timeMs],
    queryFn: ({ signal }) => timed(api.query(expr, timeMs, signal)),
    enabled: expr.trim() !== '',
  });
}

/** A range answer with the grid it was asked on. */
export interface RangeAnswer extends Answer<RangeResult> {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** The panel's expression over its range. */
export function useRangeResult(panel: Panel) {
  const api = useApi();
  const { expr, rangeMs, resolution } = panel.state;
  const endMs = panel.state.endMs ?? panel.ranAtMs;
  const stepMs = chooseStep(rangeMs, resolution);
  const startMs = endMs - rangeMs;
  return useQuery({
    ...perRun,
    queryKey: ['range', panel.id, panel.ranAtMs, expr, startMs, endMs, stepMs],
    queryFn: ({ signal }) =>
      timed(
        api
          .queryRange(expr, startMs, endMs, stepMs, signal)
          .then((answer): RangeAnswer => ({ ...answer, startMs, endMs, stepMs })),
      ),
    enabled: expr.trim() !== '',
  });
}

export type { QueryStats };
