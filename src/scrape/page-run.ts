import { Labels, type MetricType } from '../model/index.ts';
import { HISTOGRAM_ENTRY, type Entry, type ExpositionParser, type LineParser } from '../model/exposition/index.ts';
import { ACCEPTED, UNKNOWN_SERIES, type Appender, type AppendVerdict, type SeriesRef } from '../storage/index.ts';
import type { IngestCounts, Ingestion } from './ingest.ts';
import { LayoutRecorder } from './page-layout.ts';
import { sampleLabels } from './sample-labels.ts';
import { SampleStage } from './sample-stage.ts';
import type { SeriesCache } from './series-cache.ts';
import { DROPPED, LOST, NONE, viewOf } from './series-table.ts';

/** One page on its way into the store. */
export class PageRun {
  readonly cache: SeriesCache;
  readonly stage: SampleStage;
  readonly counts: IngestCounts;
  /** The time of samples that have none of their own. */
  readonly tMs: number;
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly betweenView: DataView;
  /** Once a line was not as on the last page: the order of this one. */
  recorder: LayoutRecorder | undefined;
  readonly #scrape: Ingestion;
  readonly #appender: Appender;
  readonly #honorsTime: boolean;
  readonly #tracksOwnTime: boolean;
  #exemplars = { given: 0, refused: 0 };

  constructor(scrape: Ingestion, bytes: Buffer, appender: Appender, tMs: number, counts: IngestCounts) {
    const { cache, config } = scrape;
    this.#scrape = scrape;
    this.#appender = appender;
    this.cache = cache;
    this.stage = new SampleStage(appender, config, scrape.nowMs());
    this.counts = counts;
    this.tMs = tMs;
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.betweenView = viewOf(cache.layout.between);
    this.#honorsTime = config.honorTimestamps;
    this.#tracksOwnTime = config.trackTimestampsStaleness;
  }

  /** Notes for the layout that lines `from … to - 1` are those of the last page. */
  recordRun(from: number, to: number): void {
    if (this.recorder === undefined || from === to) return;
    const { metadata } = this.#scrape;
    for (const { families } of this.recorder.run(this.cache.layout, from, to)) {
      for (const family of families) metadata.keep(family);
    }
  }

  /** Notes for the layout that the page ended before line `position` of the last one. */
  recordTail(position: number): void {
    this.recorder = new LayoutRecorder();
    this.recordRun(0, position);
  }

  /** Notes for the layout a line that is not as on the last page; the lines up to `position` were. */
  recordLine(entry: number, position: number, from: number, to: number, type: MetricType, families: string[]): void {
    if (this.recorder === undefined) this.recordTail(position);
    this.recorder!.line(entry, this.bytes, from, to, type, families);
  }

  /**
   * Stages the sample of a line whose series is known without its labels.
   *
   * @returns `false` when the store has let the series go: nothing has happened then, and the line has to be read anew
   */
  stageKnown(entry: number, lines: LineParser): boolean {
    const { table } = this.cache;
    const ref = table.refs[entry]!;
    const t = this.#timeOf(lines);
    const { attempts } = this.stage;
    this.counts.total++;
    const isNew = this.cache.noteSeen(entry);
    if (ref === DROPPED) return true;
    this.counts.added++;
    if (!isNew && t === undefined) {
      this.stage.noteDuplicate();
      return true;
    }
    if (!this.stage.admit() || !this.stage.isInTime(t ?? this.tMs)) return true;
    const verdict = this.#appender.append(ref, t ?? this.tMs, lines.value);
    if (verdict === UNKNOWN_SERIES) {
      table.refs[entry] = LOST;
      this.counts.total--;
      this.counts.added--;
      this.stage.attempts = attempts;
      if (isNew) {
        table.seen[entry] = 0;
        this.cache.seenCount--;
      }
      return false;
    }
    this.#afterStaging(verdict, entry, ref, lines, t);
    return true;
  }

  /**
   * Stages the sample of the entry the parser shows.
   *
   * @returns the series' entry, or `NONE` when it is not remembered: its sample was refused
   * @throws {ScrapeError} for labels or a histogram that may not be
   */
  stageShown(kind: Entry, parser: ExpositionParser): number {
    const { cache, counts, stage } = this;
    const { table } = cache;
    const { seriesBytes, seriesStart, seriesEnd } = parser;
    const view = seriesBytes === this.bytes ? this.view : viewOf(seriesBytes);
    counts.total++;
    let entry = table.find(seriesBytes, view, seriesStart, seriesEnd);
    const wasKnown = entry !== NONE;
    const isNew = !wasKnown || cache.noteSeen(entry);
    let ref = wasKnown ? table.refs[entry]! : LOST;
    if (ref === DROPPED) return entry;
    const t = this.#timeOf(parser);
    if (!isNew && t === undefined) {
      counts.added++;
      stage.noteDuplicate();
      return entry;
    }
    let labels: Labels | undefined;
    if (ref === LOST) {
      labels = this.#labels(parser);
      if (labels === undefined) {
        if (wasKnown) table.refs[entry] = DROPPED;
        else entry = this.#remember(parser, view, DROPPED);
        return entry;
      }
    }
    counts.added++;
    // All this before the series is made: what is refused must not grow the store.
    const isFit = kind !== HISTOGRAM_ENTRY || stage.fit(parser.histogram!);
    if (!isFit || !stage.admit() || !stage.isInTime(t ?? this.tMs)) return entry;
    if (labels !== undefined) ref = this.#appender.series(labels);
    let verdict = this.#append(kind, ref, t ?? this.tMs, parser);
    if (verdict === UNKNOWN_SERIES) {
      // The store has let the series go since the last scrape.
      const again = labels ?? this.#labels(parser);
      if (again === undefined) return entry;
      ref = this.#appender.series(again);
      verdict = this.#append(kind, ref, t ?? this.tMs, parser);
    }
    if (wasKnown) table.refs[entry] = ref;
    else if (verdict === ACCEPTED) {
      entry = this.#remember(parser, view, ref);
      counts.newSeries++;
    }
    this.#afterStaging(verdict, entry, ref, parser, t);
    return entry;
  }

  /** What there is to tell of exemplars: how many came too late, where that were all of some sample. */
  get refusedExemplars(): number {
    return this.#exemplars.refused;
  }

  #append(kind: Entry, ref: SeriesRef, t: number, parser: ExpositionParser): AppendVerdict {
    return kind === HISTOGRAM_ENTRY
      ? this.#appender.appendHistogram(ref, t, parser.histogram!)
      : this.#appender.append(ref, t, parser.value);
  }

  /** The sample's own time, where it has one that counts. */
  #timeOf(parser: ExpositionParser): number | undefined {
    return this.#honorsTime && parser.hasTimestamp ? parser.timestamp : undefined;
  }

  #labels(parser: ExpositionParser): Labels | undefined {
    const { target, config, relabeling } = this.#scrape;
    return sampleLabels(parser.labelPairs(), parser.hasInvalidText, target, config, relabeling);
  }

  #remember(parser: ExpositionParser, view: DataView, ref: SeriesRef): number {
    const entry = this.cache.table.add(parser.seriesBytes, view, parser.seriesStart, parser.seriesEnd, ref);
    this.cache.noteSeen(entry);
    return entry;
  }

  #afterStaging(
    verdict: AppendVerdict,
    entry: number,
    ref: SeriesRef,
    parser: ExpositionParser,
    t: number | undefined,
  ): void {
    if (verdict !== ACCEPTED) {
      this.stage.note(verdict);
      return;
    }
    if (t === undefined || this.#tracksOwnTime) this.cache.noteTaken(entry);
    this.#stageExemplars(parser, ref, t ?? this.tMs);
  }

  #stageExemplars(parser: ExpositionParser, ref: SeriesRef, t: number): void {
    let exemplar = parser.nextExemplar();
    if (exemplar === undefined) return;
    let given = 0;
    let refused = 0;
    for (; exemplar !== undefined; exemplar = parser.nextExemplar()) {
      const entries: [string, string][] = [];
      for (let i = 0; i < exemplar.labels.length; i += 2) entries.push([exemplar.labels[i]!, exemplar.labels[i + 1]!]);
      given++;
      const isTaken = this.#appender.appendExemplar(ref, {
        labels: Labels.fromPairs(entries),
        t: exemplar.t ?? t,
        v: exemplar.value,
      });
      if (!isTaken) refused++;
    }
    // Some of a histogram's exemplars are always those of the last scrape.
    if (refused === given) this.#exemplars.refused += refused;
  }
}
