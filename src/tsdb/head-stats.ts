import { METRIC_NAME } from '../model/index.ts';
import type { Head } from './head/head.ts';

/** One row of a cardinality table. */
export interface Cardinality {
  readonly name: string;
  readonly value: number;
}

/** What a head holds, and which names and values most of it comes from. Times in ms. */
export interface HeadStats {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly Cardinality[];
  readonly labelValueCountByLabelName: readonly Cardinality[];
  /** Bytes the values would take if every series kept its own. */
  readonly memoryInBytesByLabelName: readonly Cardinality[];
  readonly seriesCountByLabelValuePair: readonly Cardinality[];
}

/**
 * The statistics of `/api/v1/status/tsdb`, `limit` rows a table, largest first.
 *
 * @see Prometheus `tsdb/index/postings.go`, Stats
 */
export function headStats(head: Head, limit: number): HeadStats {
  const { index } = head;
  const metricNames = new Largest(limit);
  const valueCounts = new Largest(limit);
  const valueBytes = new Largest(limit);
  const pairCounts = new Largest(limit);
  for (const entry of index.names()) {
    valueCounts.add(entry.name, entry.pairs.size);
    let bytes = 0;
    for (const [value, pair] of entry.pairs) {
      const series = index.postingsCount(pair);
      bytes += series * Buffer.byteLength(value);
      pairCounts.add(`${entry.name}=${value}`, series);
      if (entry.name === METRIC_NAME) metricNames.add(value, series);
    }
    valueBytes.add(entry.name, bytes);
  }
  return {
    headStats: {
      numSeries: head.seriesCount,
      numLabelPairs: index.pairCount,
      chunkCount: head.chunkCount,
      minTime: head.mint,
      maxTime: head.maxt,
    },
    seriesCountByMetricName: metricNames.rows(),
    labelValueCountByLabelName: valueCounts.rows(),
    memoryInBytesByLabelName: valueBytes.rows(),
    seriesCountByLabelValuePair: pairCounts.rows(),
  };
}

/** The rows with the largest values: thrown out in bulk, so that adding is cheap however many there are. */
class Largest {
  readonly #limit: number;
  #rows: Cardinality[] = [];
  #least = -Infinity;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(name: string, value: number): void {
    if (value <= this.#least) return;
    this.#rows.push({ name, value });
    if (this.#rows.length > this.#limit * 4 + 100) this.#cut();
  }

  rows(): readonly Cardinality[] {
    this.#cut();
    return this.#rows;
  }

  #cut(): void {
    this.#rows.sort((a, b) => b.value - a.value);
    if (this.#rows.length > this.#limit) this.#least = this.#rows[this.#limit - 1].value;
    this.#rows = this.#rows.slice(0, this.#limit);
  }
}
