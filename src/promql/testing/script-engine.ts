import { detectReset, type CounterResetHint, type FloatHistogram } from '../../model/histogram/index.ts';
import { ABSENT, HISTOGRAM } from '../column.ts';
import { createEngine, type EngineOptions } from '../engine.ts';
import type { LoadedSeries, Outcome, Result, ResultPoint, ScriptEngine } from '../promqltest/index.ts';
import type { QueryResult, SampleSeries } from '../result.ts';
import { MemoryStorage } from './memory-storage.ts';

/** The engine as test scripts run it, over a storage of its own. */
export function scriptEngine(options: EngineOptions): ScriptEngine {
  const storage = new MemoryStorage();
  const engine = createEngine(options);
  return {
    clear: () => {
      storage.clear();
    },
    load: (series) => {
      for (const one of series) load(storage, one);
    },
    instant: async (query, timeMs) => outcomeOf(await engine.instant(storage, query, timeMs)),
    range: async (query, startMs, endMs, stepMs) =>
      outcomeOf(await engine.range(storage, query, startMs, endMs, stepMs)),
  };
}

/** Stores a series as a database would: histograms get the reset hint that reading them back from chunks gives. */
function load(storage: MemoryStorage, { labels, samples }: LoadedSeries): void {
  let before: FloatHistogram | undefined;
  for (const sample of samples) {
    const { t, startMs } = sample;
    if (sample.kind === 'histogram') {
      const histogram = { ...sample.histogram, counterResetHint: hintAfter(before, sample.histogram) };
      storage.append(labels, t, histogram, startMs);
      before = histogram;
    } else {
      storage.append(labels, t, sample.kind === 'float' ? sample.value : 'stale', startMs);
      before = undefined;
    }
  }
}

/**
 * A gauge stays one. What could follow in the same chunk is known to follow without a reset; what begins a chunk is not known to.
 *
 * @see Prometheus `tsdb/chunkenc` (3.14), counterResetHint and appendable
 */
function hintAfter(before: FloatHistogram | undefined, histogram: FloatHistogram): CounterResetHint {
  const { counterResetHint, schema, zeroThreshold } = histogram;
  if (counterResetHint === 'gauge') return 'gauge';
  if (before === undefined || before.counterResetHint === 'gauge' || counterResetHint === 'reset') return 'unknown';
  const sameLayout = before.schema === schema && before.zeroThreshold === zeroThreshold;
  return sameLayout && !detectReset({ ...histogram, counterResetHint: 'unknown' }, before) ? 'no_reset' : 'unknown';
}

function outcomeOf(result: QueryResult): Outcome {
  return { result: plainResult(result), warnings: result.warnings, infos: result.infos };
}

function plainResult(result: QueryResult): Result {
  switch (result.type) {
    case 'scalar':
    case 'string':
      return result;
    case 'vector':
      return {
        type: 'vector',
        samples: result.labels.map((labels, i) => ({ labels, value: result.histograms?.[i] ?? result.values[i]! })),
      };
    case 'samples':
      return { type: 'matrix', series: result.series.map((one) => ({ labels: one.labels, points: pointsOf(one) })) };
    case 'matrix': {
      const { startMs, stepMs } = result.grid;
      return {
        type: 'matrix',
        series: result.series.map(({ labels, column }) => {
          const points: ResultPoint[] = [];
          for (let i = 0; i < column.steps; i++) {
            if (column.kinds[i] === ABSENT) continue;
            const value = column.kinds[i] === HISTOGRAM ? column.histograms![i]! : column.values[i]!;
            points.push({ t: startMs + i * stepMs, value });
          }
          return { labels, points };
        }),
      };
    }
  }
}

function pointsOf({ t, values, histograms }: SampleSeries): ResultPoint[] {
  return Array.from(t, (at, i) => ({ t: at, value: histograms?.[i] ?? values[i]! }));
}
