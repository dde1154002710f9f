import { ClassicHistogram, ClassicHistogramError, type Histogram, validateHistogram } from '../histogram/index.ts';
import { METRIC_NAME } from '../labels.ts';
import type { MetricType } from '../metadata.ts';
import { parseFloatGo } from '../number.ts';
import { compareText } from '../text-order.ts';
import {
  type Entry,
  type ExposedExemplar,
  type ExpositionParser,
  HISTOGRAM_ENTRY,
  SERIES_ENTRY,
  TYPE_ENTRY,
} from './parser.ts';

/** What is being collected: the samples of one classic histogram. */
interface Collected {
  /** Family name and labels without `le`, as a key. */
  readonly key: string;
  readonly pairs: readonly string[];
  readonly timestamp: number;
  readonly hasTimestamp: boolean;
  readonly startTimestamp: number;
  readonly exemplars: ExposedExemplar[];
}

/**
 * Makes native histograms with custom buckets of the classic histograms that another parser yields, each after the last of its
 * samples. Only families declared as histograms count. What cannot be converted (counts that fall, a count that is not that of the
 * last bucket) yields nothing.
 *
 * @see Prometheus `model/textparse/nhcbparse.go` (3.14)
 */
export class ClassicConverter implements ExpositionParser {
  value = 0;
  timestamp = 0;
  hasTimestamp = false;
  histogram: Histogram | undefined;
  readonly #parser: ExpositionParser;
  readonly #keepsClassic: boolean;
  readonly #readsStart: boolean;
  readonly #classic = new ClassicHistogram();
  #isBroken = false;
  #collected: Collected | undefined;
  /** The histogram being shown; the parser's own entry comes after it. */
  #shown: Collected | undefined;
  #shownBytes: Buffer = Buffer.alloc(0);
  #delayed: Entry | undefined;
  #declared = { name: '', type: 'unknown' as MetricType };
  /** Of the native histogram seen last: its classic samples are not converted besides. */
  #nativeKey = '';

  /** @param keepsClassic also yields the samples that are converted @param readsStart asks for start timestamps, which is costly */
  constructor(parser: ExpositionParser, keepsClassic: boolean, readsStart: boolean) {
    this.#parser = parser;
    this.#keepsClassic = keepsClassic;
    this.#readsStart = readsStart;
  }

  next(): Entry {
    for (;;) {
      const wasDelayed = this.#delayed;
      this.#shown = undefined;
      this.#delayed = undefined;
      const entry = wasDelayed ?? this.#parser.next();
      if (wasDelayed === undefined && this.#endsHistogram(entry)) {
        this.#delayed = entry;
        return HISTOGRAM_ENTRY;
      }
      if (entry === TYPE_ENTRY) this.#declared = { name: this.#parser.familyName, type: this.#parser.type };
      if (entry === HISTOGRAM_ENTRY) this.#nativeKey = collectionKey(this.#parser.labelPairs());
      if (entry === SERIES_ENTRY && this.#collect() && !this.#keepsClassic) continue;
      if (entry === SERIES_ENTRY || entry === HISTOGRAM_ENTRY) this.#showOwn();
      return entry;
    }
  }

  get seriesBytes(): Buffer {
    return this.#shown === undefined ? this.#parser.seriesBytes : this.#shownBytes;
  }

  get seriesStart(): number {
    return this.#shown === undefined ? this.#parser.seriesStart : 0;
  }

  get seriesEnd(): number {
    return this.#shown === undefined ? this.#parser.seriesEnd : this.#shownBytes.length;
  }

  get hasInvalidText(): boolean {
    return this.#parser.hasInvalidText;
  }

  get familyName(): string {
    return this.#parser.familyName;
  }

  get type(): MetricType {
    return this.#parser.type;
  }

  get text(): string {
    return this.#parser.text;
  }

  labelPairs(): string[] {
    return this.#shown === undefined ? this.#parser.labelPairs() : [...this.#shown.pairs];
  }

  nextExemplar(): ExposedExemplar | undefined {
    return this.#shown === undefined ? this.#parser.nextExemplar() : this.#shown.exemplars.shift();
  }

  startTimestamp(): number {
    return this.#shown === undefined ? this.#parser.startTimestamp() : this.#shown.startTimestamp;
  }

  #showOwn(): void {
    const parser = this.#parser;
    this.value = parser.value;
    this.timestamp = parser.timestamp;
    this.hasTimestamp = parser.hasTimestamp;
    this.histogram = parser.histogram;
  }

  /** Whether `entry` shows that the histogram being collected is whole, and it could be converted: it is shown then. */
  #endsHistogram(entry: Entry): boolean {
    const collected = this.#collected;
    if (collected === undefined) return false;
    if (entry === SERIES_ENTRY && this.#belongs(collected.key)) return false;
    this.#collected = undefined;
    const histogram = this.#converted();
    if (histogram === undefined) return false;
    this.histogram = histogram;
    this.timestamp = collected.timestamp;
    this.hasTimestamp = collected.hasTimestamp;
    this.#shown = collected;
    // Told from every text series by a byte that none holds.
    this.#shownBytes = Buffer.concat([Buffer.from([0xff]), Buffer.from(collected.key)]);
    return true;
  }

  #belongs(key: string): boolean {
    if (this.#declared.type !== 'histogram') return false;
    const pairs = this.#parser.labelPairs();
    return collectionKey(pairs, baseName(pairs[1]!)) === key;
  }

  #converted(): Histogram | undefined {
    const isBroken = this.#isBroken;
    this.#isBroken = false;
    let histogram: Histogram | undefined;
    if (!isBroken) this.#attempt(() => (histogram = this.#classic.toHistogram()));
    this.#isBroken = false;
    this.#classic.clear();
    return histogram !== undefined && validateHistogram(histogram) === undefined ? histogram : undefined;
  }

  /** Takes the series as part of a classic histogram, if it is. */
  #collect(): boolean {
    const { name, type } = this.#declared;
    if (type !== 'histogram') return false;
    const parser = this.#parser;
    const pairs = parser.labelPairs();
    const metric = pairs[1]!;
    if (baseName(metric) !== name || metric === name) return false;
    const key = collectionKey(pairs, name);
    if (key === this.#nativeKey) return false;
    this.#nativeKey = '';
    const bound = metric.endsWith('_bucket') ? boundOf(pairs) : 0;
    if (bound === undefined) return false;
    this.#collected ??= {
      key,
      pairs: withoutBound(pairs, name),
      timestamp: parser.timestamp,
      hasTimestamp: parser.hasTimestamp,
      startTimestamp: this.#readsStart ? parser.startTimestamp() : 0,
      exemplars: [],
    };
    for (let e = parser.nextExemplar(); e !== undefined; e = parser.nextExemplar()) this.#collected.exemplars.push(e);
    if (metric.endsWith('_bucket')) this.#attempt(() => this.#classic.setBucket(bound, parser.value));
    else if (metric.endsWith('_count')) this.#attempt(() => this.#classic.setCount(parser.value));
    else this.#classic.setSum(parser.value);
    return true;
  }

  #attempt(change: () => void): void {
    try {
      change();
    } catch (error) {
      if (!(error instanceof ClassicHistogramError)) throw error;
      this.#isBroken = true;
    }
  }
}

function baseName(metric: string): string {
  const suffix = ['_bucket', '_sum', '_count'].find((ending) => metric.endsWith(ending));
  return suffix === undefined ? metric : metric.slice(0, -suffix.length);
}

/** `undefined` where there is no `le`, or none that is a number. */
function boundOf(pairs: readonly string[]): number | undefined {
  for (let i = 2; i < pairs.length; i += 2) {
    if (pairs[i] !== 'le') continue;
    const bound = parseFloatGo(pairs[i + 1]!);
    return bound === undefined || Number.isNaN(bound) ? undefined : bound;
  }
  return undefined;
}

function withoutBound(pairs: readonly string[], name: string): string[] {
  const kept = [METRIC_NAME, name];
  for (let i = 2; i < pairs.length; i += 2) if (pairs[i] !== 'le') kept.push(pairs[i]!, pairs[i + 1]!);
  return kept;
}

/** The same for all samples of one histogram, whatever the order of their labels. */
function collectionKey(pairs: readonly string[], name = pairs[1]!): string {
  const labels: [string, string][] = [];
  for (let i = 2; i < pairs.length; i += 2) if (pairs[i] !== 'le') labels.push([pairs[i]!, pairs[i + 1]!]);
  labels.sort((a, b) => compareText(a[0], b[0]));
  return [name, ...labels.flat()].join('\u0000');
}
