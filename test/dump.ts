import { formatFloatGeneral, formatHistogram, SampleColumn } from '../src/model/index.ts';
import type { Queryable, SeriesSet } from '../src/storage/index.ts';

/**
 * Everything in a store as `promtool tsdb dump` prints it, sorted by text.
 *
 * promtool 3.5 leaves the first two samples of a series of integer histograms out, and the first of one of float histograms, because its
 * loops over floats, float histograms and integer histograms each take one sample to find that it is of another kind. With `likePromtool` two are left
 * out here too.
 */
export function dumpLines(store: Queryable, options: { likePromtool?: boolean } = {}): string[] {
  const mint = -(2 ** 52);
  const maxt = 2 ** 52;
  const querier = store.querier(mint, maxt);
  const set = querier.select([], { sorted: true }) as SeriesSet;
  const column = new SampleColumn();
  const lines: string[] = [];
  for (const series of set.series) {
    column.reset();
    series.read(column, mint, maxt);
    const isHistogram = column.histograms?.[0] !== undefined;
    for (let i = options.likePromtool === true && isHistogram ? 2 : 0; i < column.length; i++) {
      const histogram = column.histograms?.[i];
      const value = histogram === undefined ? formatFloatGeneral(column.v[i]!) : formatHistogram(histogram);
      lines.push(`${series.labels.toString()} ${value} ${column.t[i]}`);
    }
  }
  querier.close();
  return lines.sort();
}

/** The lines of a dump, sorted by text. */
export function sortedDump(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}
