import { type FloatEnd, type LineParser, readFloat } from '../model/exposition/index.ts';
import { ACCEPTED, UNKNOWN_SERIES } from '../storage/index.ts';
import type { PageRun } from './page-run.ts';
import { DROPPED, LOST, NONE, sameBytes } from './series-table.ts';

const SPACE = 0x20;
const NEWLINE = 0x0a;
const BRACE = 0x7b;

/**
 * Takes lines from the page for as long as they are the lines of the last page, from its line `position` on: the same bytes up to the
 * value. Only the values are read. Stops in front of the first line that is not the same, and the parser goes on there.
 *
 * This is where nearly every sample of a server passes: per sample one comparison of some 150 bytes, one number, one append.
 *
 * @returns the line of the last page that was expected next
 * @throws {ExpositionError} for a value that is none
 */
export function takeKnownLines(run: PageRun, lines: LineParser, position: number): number {
  const { cache, stage, counts, tMs, bytes, view } = run;
  const { appender, sampleLimit } = stage;
  const { table, layout, scrape } = cache;
  const { text, view: textView, ends, refs, seen, tracked } = table;
  const { entries, betweenEnds, between } = layout;
  const betweenView = run.betweenView;
  const previous = scrape - 1;
  const size = bytes.length;
  const count = entries.length;
  const cursor: FloatEnd = { end: 0 };
  let attempts = stage.attempts;
  let total = 0;
  let added = 0;
  let seenCount = 0;
  let trackedCount = 0;
  let carriedCount = 0;
  let betweenStart = position === 0 ? 0 : betweenEnds[position - 1]!;
  // The beginning of the line that is being compared, comments before it included.
  let at = lines.at;
  let k = position;
  try {
    for (; k < count; k++) {
      const betweenEnd = betweenEnds[k]!;
      const lineStart = at + betweenEnd - betweenStart;
      const entry = entries[k]!;
      // A sample that was refused has no entry.
      if (entry === NONE) break;
      const textStart = entry === 0 ? 0 : ends[entry - 1]!;
      const length = ends[entry]! - textStart;
      const space = lineStart + length;
      if (space + 1 >= size || bytes[space] !== SPACE) break;
      // A brace would make more of the name, and blanks are not the value yet.
      const first = bytes[space + 1]!;
      if (first <= SPACE || first === BRACE) break;
      if (!sameBytes(text, textView, textStart, bytes, view, lineStart, length)) break;
      if (
        betweenEnd !== betweenStart &&
        !sameBytes(between, betweenView, betweenStart, bytes, view, at, betweenEnd - betweenStart)
      ) {
        break;
      }
      const ref = refs[entry]!;
      if (ref === LOST) break;

      let value = readFloat(bytes, space + 1, cursor);
      let next = cursor.end + 1;
      let isPlain = true;
      if (Number.isNaN(value) || bytes[cursor.end] !== NEWLINE || attempts >= sampleLimit) {
        lines.valueAt(lineStart, space + 1);
        value = lines.value;
        next = lines.at;
        isPlain = !lines.hasTimestamp && !lines.hasRest && attempts < sampleLimit;
      }
      if (!isPlain) {
        stage.attempts = attempts;
        const isLost = !run.stageKnown(entry, lines);
        attempts = stage.attempts;
        if (isLost) break;
      } else if (ref === DROPPED) {
        total++;
        if (seen[entry] !== scrape) {
          seen[entry] = scrape;
          seenCount++;
        }
      } else if (seen[entry] === scrape) {
        total++;
        added++;
        stage.noteDuplicate();
      } else {
        const verdict = appender.append(ref, tMs, value);
        if (verdict === UNKNOWN_SERIES) {
          refs[entry] = LOST;
          break;
        }
        total++;
        added++;
        attempts++;
        seen[entry] = scrape;
        seenCount++;
        if (verdict === ACCEPTED) {
          if (tracked[entry] === previous) carriedCount++;
          tracked[entry] = scrape;
          trackedCount++;
        } else {
          stage.note(verdict);
        }
      }
      at = next;
      betweenStart = betweenEnd;
    }
  } finally {
    stage.attempts = attempts;
    counts.total += total;
    counts.added += added;
    cache.seenCount += seenCount;
    cache.trackedCount += trackedCount;
    cache.carriedCount += carriedCount;
  }
  // The parser has not seen what was declared on the way.
  if (k > position) lines.resume(at, layout.typeWithin(position, k) ?? lines.type);
  else lines.resume(at, lines.type);
  return k;
}
