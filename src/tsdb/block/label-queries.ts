import type { Matcher } from '../../model/index.ts';
import type { IndexReader } from './index-reader.ts';
import { matchSeries } from './match-series.ts';
import { intersects, type Postings } from './postings.ts';
import { SeriesTable } from './series-table.ts';

/** With more series than this times the values of the label, the lists of the values are gone through instead of the series. */
const SERIES_PER_VALUE = 4;

/** The label names of these series, in no order. */
export function labelNamesOf(index: IndexReader, refs: Postings): string[] {
  const table = readLabels(index, refs);
  const names = new Set<number>();
  for (let i = 0; i < table.symbolCount; i += 2) names.add(table.symbols[i]);
  return index.symbols(Uint32Array.from(names).sort());
}

/** The values of a label among the series that satisfy all matchers, in byte order. @param limit 0: all */
export function labelValuesOf(index: IndexReader, name: string, matchers: readonly Matcher[], limit: number): string[] {
  const own = matchers.filter((matcher) => matcher.name === name);
  const others = matchers.filter((matcher) => matcher.name !== name);
  const values: string[] = [];
  const isFull = (): boolean => limit > 0 && values.length >= limit;
  if (others.length === 0) {
    index.scanValues(name, '', (value) => {
      if (value !== '' && own.every((matcher) => matcher.matches(value))) values.push(value);
      return !isFull();
    });
    return values;
  }
  const refs = matchSeries(index, matchers);
  if (refs.length > index.valueCount(name) * SERIES_PER_VALUE) {
    index.scanValues(name, '', (value, offset) => {
      if (
        value !== '' &&
        own.every((matcher) => matcher.matches(value)) &&
        intersects(refs, index.readPostings(offset))
      ) {
        values.push(value);
      }
      return !isFull();
    });
    return values;
  }
  const table = readLabels(index, refs);
  const nameSymbol = index.labelSymbol(name);
  const found = new Set<number>();
  for (let i = 0; i < table.symbolCount; i += 2) {
    if (table.symbols[i] === nameSymbol) found.add(table.symbols[i + 1]);
  }
  // Symbols are numbered in byte order.
  const ordinals = Uint32Array.from(found).sort();
  return index.symbols(limit > 0 ? ordinals.subarray(0, limit) : ordinals);
}

function readLabels(index: IndexReader, refs: Postings): SeriesTable {
  const table = new SeriesTable(refs.length);
  index.readSeries(refs, { mint: -Infinity, maxt: Infinity, labelsOnly: true }, table);
  return table;
}
