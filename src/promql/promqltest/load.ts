import {
  ClassicHistogram,
  ClassicHistogramError,
  type FloatHistogram,
  type Labels,
  LabelsBuilder,
  METRIC_NAME,
  parseFloatGo,
  toFloatHistogram,
} from '../../model/index.ts';
import { type LoadCommand, ScriptError } from './script.ts';

/** A sample to load; `startMs` is its start time, where the script gives one. */
export type LoadedSample = { readonly t: number; readonly startMs?: number } & (
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'histogram'; readonly histogram: FloatHistogram }
);

/** A series to load, samples ascending in time. Whoever gets it may keep and change the histograms. */
export interface LoadedSeries {
  readonly labels: Labels;
  readonly samples: readonly LoadedSample[];
}

/** The series a `load` stands for, from time 0 on. @throws {ScriptError} when classic buckets make no histogram */
export function loadedSeries(command: LoadCommand): readonly LoadedSeries[] {
  const series: LoadedSeries[] = command.series.map(({ labels, values, startOffsets }) => {
    const samples: LoadedSample[] = [];
    values.forEach((value, i) => {
      if (value.kind === 'omitted') return;
      const t = i * command.stepMs;
      const offset = startOffsets?.[i];
      const time = offset === undefined ? { t } : { t, startMs: t + offset };
      samples.push(
        value.kind === 'histogram' ? { ...time, kind: 'histogram', histogram: value.histogram } : { ...time, ...value },
      );
    });
    return { labels, samples };
  });
  return command.withNhcb ? [...series, ...convertedSeries(command, series)] : series;
}

/** The classic histograms among the series as native ones with custom buckets. */
function convertedSeries(command: LoadCommand, series: readonly LoadedSeries[]): LoadedSeries[] {
  const converted = new Map<string, { labels: Labels; byTime: Map<number, ClassicHistogram> }>();
  try {
    for (const { labels, samples } of series) {
      const [, base, suffix] = /^(.*)_(bucket|count|sum)$/s.exec(labels.metricName) ?? [];
      if (base === undefined) continue;
      const bound = suffix === 'bucket' ? parseFloatGo(labels.get('le')) : 0;
      if (bound === undefined || Number.isNaN(bound)) continue;
      const baseLabels = new LabelsBuilder(labels).set(METRIC_NAME, base).delete('le').labels();
      let histogram = converted.get(baseLabels.key());
      if (histogram === undefined)
        converted.set(baseLabels.key(), (histogram = { labels: baseLabels, byTime: new Map() }));
      for (const sample of samples) {
        if (sample.kind !== 'float') continue;
        let classic = histogram.byTime.get(sample.t);
        if (classic === undefined) histogram.byTime.set(sample.t, (classic = new ClassicHistogram()));
        if (suffix === 'bucket') classic.setBucket(bound, sample.value);
        else if (suffix === 'count') classic.setCount(sample.value);
        else classic.setSum(sample.value);
      }
    }
    return [...converted.values()].map(({ labels, byTime }) => ({
      labels,
      samples: [...byTime]
        .sort(([a], [b]) => a - b)
        .map(([t, classic]) => ({ t, kind: 'histogram', histogram: toFloatHistogram(classic.toHistogram()) })),
    }));
  } catch (error) {
    if (error instanceof ClassicHistogramError) throw new ScriptError(command.line, error.message, { cause: error });
    throw error;
  }
}
