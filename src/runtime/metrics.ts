import type { Collector, FamilySample, FamilyType, MetricFamily } from './metric-family.ts';
import { invariant } from './invariant.ts';

/** A value that only rises. */
export interface Counter {
  inc(by?: number): void;
  readonly value: number;
}

/** A value that goes up and down. */
export interface Gauge {
  set(value: number): void;
  inc(by?: number): void;
  dec(by?: number): void;
  readonly value: number;
}

/** Counts observations into cumulative buckets. */
export interface HistogramMetric {
  observe(value: number): void;
}

/** Quantiles over a sliding window of recent observations, with the sum and count of all. */
export interface SummaryMetric {
  observe(value: number): void;
}

/** The same metric for several label values, made when first used. */
export interface Vec<M> {
  /** One value for each label name, in the order the names were declared. */
  with(...labelValues: string[]): M;
  /** Forgets one child; the next `with` starts anew. */
  delete(...labelValues: string[]): void;
}

interface Child {
  readonly labels: readonly string[];
  samples(labels: readonly string[]): FamilySample[];
}

/**
 * The metrics of this process: made once where they are counted, gathered when somebody asks. Two registries never share
 * anything, so that two servers can run in one process.
 */
export class Registry implements Collector {
  #families = new Map<string, { help: string; type: FamilyType; children: Map<string, Child> }>();
  #collectors: Collector[] = [];

  counter(name: string, help: string): Counter {
    return this.counterVec(name, help, []).with();
  }

  gauge(name: string, help: string): Gauge {
    return this.gaugeVec(name, help, []).with();
  }

  /** A gauge whose value is asked for at each gathering. */
  gaugeFunction(name: string, help: string, value: () => number): void {
    this.#function(name, help, 'gauge', value);
  }

  /** A counter kept elsewhere, asked for at each gathering. */
  counterFunction(name: string, help: string, value: () => number): void {
    this.#function(name, help, 'counter', value);
  }

  histogram(name: string, help: string, buckets: readonly number[]): HistogramMetric {
    return this.histogramVec(name, help, [], buckets).with();
  }

  summary(name: string, help: string, quantiles: readonly number[] = [0.5, 0.9, 0.99]): SummaryMetric {
    return this.summaryVec(name, help, [], quantiles).with();
  }

  counterVec(name: string, help: string, labelNames: readonly string[]): Vec<Counter> {
    return this.#vec(name, help, 'counter', labelNames, (labels) => new Cell(labels));
  }

  gaugeVec(name: string, help: string, labelNames: readonly string[]): Vec<Gauge> {
    return this.#vec(name, help, 'gauge', labelNames, (labels) => new Cell(labels));
  }

  /** @param buckets upper bounds, ascending, without +Inf */
  histogramVec(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): Vec<HistogramMetric> {
    return this.#vec(name, help, 'histogram', labelNames, (labels) => new Buckets(labels, buckets));
  }

  summaryVec(
    name: string,
    help: string,
    labelNames: readonly string[],
    quantiles: readonly number[] = [0.5, 0.9, 0.99],
  ): Vec<SummaryMetric> {
    return this.#vec(name, help, 'summary', labelNames, (labels) => new Quantiles(labels, quantiles));
  }

  /** Adds families that are made at each gathering. */
  register(collector: Collector): void {
    this.#collectors.push(collector);
  }

  /** All families by name; families of the same name from several collectors are joined. */
  collect(): readonly MetricFamily[] {
    const families = new Map<string, MetricFamily>();
    for (const [name, { help, type, children }] of this.#families) {
      const samples = [...children.values()].flatMap((child) => child.samples(child.labels));
      if (samples.length > 0) families.set(name, { name, help, type, samples });
    }
    for (const family of this.#collectors.flatMap((collector) => collector.collect())) {
      const known = families.get(family.name);
      families.set(family.name, known ? { ...known, samples: [...known.samples, ...family.samples] } : family);
    }
    return [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #function(name: string, help: string, type: FamilyType, value: () => number): void {
    const child: Child = { labels: [], samples: (labels) => [{ suffix: '', labels, value: value() }] };
    this.#declare(name, help, type).children.set('', child);
  }

  #vec<M extends Child>(
    name: string,
    help: string,
    type: FamilyType,
    labelNames: readonly string[],
    make: (labels: readonly string[]) => M,
  ): Vec<M> {
    const family = this.#declare(name, help, type);
    const keyOf = (values: readonly string[]) => values.join('\u0000');
    return {
      with: (...values) => {
        invariant(values.length === labelNames.length, `${name} takes ${labelNames.length} label values`);
        const key = keyOf(values);
        let child = family.children.get(key) as M | undefined;
        if (child === undefined) {
          child = make(labelNames.flatMap((label, i) => [label, values[i]!]));
          family.children.set(key, child);
        }
        return child;
      },
      delete: (...values) => void family.children.delete(keyOf(values)),
    };
  }

  #declare(name: string, help: string, type: FamilyType) {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { help, type, children: new Map<string, Child>() };
      this.#families.set(name, family);
    }
    invariant(family.type === type, `Metric ${name} is declared twice with different types`);
    return family;
  }
}

class Cell implements Counter, Gauge, Child {
  readonly labels: readonly string[];
  value = 0;

  constructor(labels: readonly string[]) {
    this.labels = labels;
  }

  set(value: number): void {
    this.value = value;
  }

  inc(by = 1): void {
    this.value += by;
  }

  dec(by = 1): void {
    this.value -= by;
  }

  samples(labels: readonly string[]): FamilySample[] {
    return [{ suffix: '', labels, value: this.value }];
  }
}

class Buckets implements HistogramMetric, Child {
  readonly labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(labels: readonly string[], bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const at = this.#bounds.findIndex((bound) => value <= bound);
    if (at >= 0) this.#counts[at]!++;
  }

  samples(labels: readonly string[]): FamilySample[] {
    let cumulative = 0;
    const samples = this.#bounds.map((bound, i) => {
      cumulative += this.#counts[i]!;
      return { suffix: '_bucket', labels: [...labels, 'le', String(bound)], value: cumulative };
    });
    return [
      ...samples,
      { suffix: '_bucket', labels: [...labels, 'le', '+Inf'], value: this.#count },
      { suffix: '_sum', labels, value: this.#sum },
      { suffix: '_count', labels, value: this.#count },
    ];
  }
}

/** Recent observations a summary looks back over: enough for a steady p99, small enough to sort when gathered. */
const WINDOW = 500;

class Quantiles implements SummaryMetric, Child {
  readonly labels: readonly string[];
  readonly #quantiles: readonly number[];
  readonly #recent: number[] = [];
  #sum = 0;
  #count = 0;

  constructor(labels: readonly string[], quantiles: readonly number[]) {
    this.labels = labels;
    this.#quantiles = quantiles;
  }

  observe(value: number): void {
    this.#recent[this.#count % WINDOW] = value;
    this.#sum += value;
    this.#count++;
  }

  samples(labels: readonly string[]): FamilySample[] {
    const sorted = [...this.#recent].sort((a, b) => a - b);
    const samples = this.#quantiles.map((q) => ({
      suffix: '',
      labels: [...labels, 'quantile', String(q)],
      value: sorted.length === 0 ? NaN : sorted[Math.ceil(q * (sorted.length - 1))]!,
    }));
    return [...samples, { suffix: '_sum', labels, value: this.#sum }, { suffix: '_count', labels, value: this.#count }];
  }
}
