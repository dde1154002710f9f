import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CUSTOM_BUCKETS_SCHEMA, SampleColumn, type FloatHistogram } from '../../src/model/index.ts';
import { createLogger, systemClock, type Clock, type Logger } from '../../src/runtime/index.ts';
import type { Queryable } from '../../src/storage/index.ts';

/** Copies a folder of recorded files, decoding those stored as base64 text. */
export function unpack(from: string, to: string): string {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const source = path.join(from, name);
    if (statSync(source).isDirectory()) unpack(source, path.join(to, name));
    else if (name.endsWith('.base64.txt')) {
      const bytes = Buffer.from(readFileSync(source, 'utf8'), 'base64');
      writeFileSync(path.join(to, name.slice(0, -'.base64.txt'.length)), bytes);
    } else writeFileSync(path.join(to, name), readFileSync(source));
  }
  return to;
}

/** A fresh directory; `remove` takes it away. */
export function temporaryDir(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'yagura-tsdb-'));
  return {
    dir,
    remove: () => {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A clock that stands still until it is set. */
export function stoppedClock(nowMs: number): Clock & { nowMs: number } {
  const clock = { ...systemClock, nowMs, now: () => clock.nowMs };
  return clock;
}

/** A logger that keeps its lines. */
export function recordingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  return Object.assign(
    createLogger({ level: 'debug', format: 'logfmt', write: (line) => void lines.push(line), now: () => 0 }),
    { lines },
  );
}

/** One line per sample, `labels value time`, sorted: what `promtool tsdb dump` prints, but for the text of histograms. */
export async function dumpFloats(store: Queryable, mint = -Infinity, maxt = Infinity): Promise<string[]> {
  const lines: string[] = [];
  const querier = store.querier(mint, maxt);
  const { series } = await querier.select([], { sorted: true });
  const column = new SampleColumn();
  for (const one of series) {
    column.reset();
    one.read(column, mint, maxt);
    for (let i = 0; i < column.length; i++) {
      const histogram = column.histograms?.[i];
      const value = histogram === undefined ? goFloat(column.v[i]) : describeHistogram(histogram);
      lines.push(`${one.labels.toString()} ${value} ${column.t[i]}`);
    }
  }
  querier.close();
  return lines.sort();
}

/** The lines of a recorded dump, sorted, histograms rewritten as `dumpFloats` writes them. */
export function readDump(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^(?:\d+:)?(\{.*?\}) (\{.*\}|\S+) (-?\d+)$/.exec(line);
      if (match === null) throw new Error(`Unexpected line in ${file}: ${line}`);
      const [, labels, value, t] = match;
      return `${labels} ${value.startsWith('{') ? recordedHistogram(value) : goFloat(Number(value))} ${t}`;
    })
    .sort();
}

function goFloat(value: number): string {
  return Number.isNaN(value) ? 'NaN' : String(value);
}

/** Count, sum and buckets in ascending order of their bounds; bounds to nine digits. */
function describeHistogram(h: FloatHistogram): string {
  const buckets: string[] = [];
  const bound = (index: number) =>
    h.schema === CUSTOM_BUCKETS_SCHEMA ? (h.customValues[index] ?? Infinity) : 2 ** (index * 2 ** -h.schema);
  const walk = (spans: FloatHistogram['positiveSpans'], counts: Float64Array, negative: boolean) => {
    let index = 0;
    let at = 0;
    const found: string[] = [];
    for (const span of spans) {
      index += span.offset;
      for (let i = 0; i < span.length; i++, index++) {
        const count = counts[at++];
        if (count === 0) continue;
        const upper = negative ? -bound(index - 1) : bound(index);
        found.push(`${digits(upper)}:${count}`);
      }
    }
    return negative ? found.reverse() : found;
  };
  buckets.push(...walk(h.negativeSpans, h.negativeBuckets, true));
  if (h.zeroCount > 0) buckets.push(`${digits(h.zeroThreshold)}:${h.zeroCount}`);
  buckets.push(...walk(h.positiveSpans, h.positiveBuckets, false));
  return `{count:${h.count}, sum:${goFloat(h.sum)}, ${buckets.join(', ')}}`;
}

function recordedHistogram(text: string): string {
  const count = /count:([^,]+),/.exec(text)![1];
  const sum = /sum:([^,}]+)/.exec(text)![1];
  const buckets = [...text.matchAll(/[[(](?:[^,]+),([^\])]+)[\])]:([^,}]+)/g)].map(
    ([, upper, n]) => `${digits(upper === '+Inf' ? Infinity : Number(upper))}:${n}`,
  );
  return `{count:${count}, sum:${goFloat(Number(sum))}, ${buckets.join(', ')}}`;
}

function digits(value: number): string {
  return value.toPrecision(9);
}
