import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadZstd } from '../../bytes/index.ts';
import { sharedDir } from '../../../test/shared.ts';
import {
  Labels,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
  type Exemplar,
  type Histogram,
  type Metadata,
} from '../../model/index.ts';
import { silentLogger } from '../../runtime/index.ts';
import {
  listCheckpoints,
  listSegments,
  readSegment,
  SampleBatch,
  SegmentWriter,
  segmentName,
  systemLogFiles,
  WriteAheadLog,
  type LogBatch,
  type LogFiles,
  type LogHandler,
} from './index.ts';

/** A histogram's fields in a fixed order. */
function printed(histogram: Histogram): string {
  return JSON.stringify(Object.entries(histogram).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Writes down what a log says, a line an entry. */
class Transcript implements LogHandler {
  readonly lines: string[] = [];
  series(ref: number, labels: Labels): void {
    this.lines.push(`series ${ref} ${labels}`);
  }
  samples({ length, refs, t, v, bits }: SampleBatch): void {
    for (let i = 0; i < length; i++) {
      const isStale = bits[2 * i + 1] === STALE_NAN_HIGH && bits[2 * i] === STALE_NAN_LOW;
      this.lines.push(`sample ${refs[i]} ${t[i]} ${isStale ? 'stale' : v[i]}`);
    }
  }
  histogram(ref: number, t: number, histogram: Histogram, isStale: boolean): void {
    this.lines.push(`histogram ${ref} ${t} ${isStale ? 'stale' : printed(histogram)}`);
  }
  exemplar(ref: number, { t, v, labels }: Exemplar): void {
    this.lines.push(`exemplar ${ref} ${t} ${v} ${labels}`);
  }
  metadata(ref: number, { type, unit, help }: Metadata): void {
    this.lines.push(`metadata ${ref} ${type} ${unit} ${help}`);
  }
  tombstone(ref: number, mint: number, maxt: number): void {
    this.lines.push(`tombstone ${ref} ${mint} ${maxt}`);
  }
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'yagura-wal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function samples(entries: readonly [ref: number, t: number, v: number | 'stale'][]): SampleBatch {
  const batch = new SampleBatch(entries.length);
  entries.forEach(([ref, t, v], i) => {
    batch.refs[i] = ref;
    batch.t[i] = t;
    if (v !== 'stale') batch.v[i] = v;
    else {
      batch.bits[2 * i] = STALE_NAN_LOW;
      batch.bits[2 * i + 1] = STALE_NAN_HIGH;
    }
  });
  batch.length = entries.length;
  return batch;
}

async function replay(from = dir) {
  const transcript = new Transcript();
  const log = await WriteAheadLog.open(from, { logger: silentLogger });
  const report = await log.replay(transcript);
  return { log, report, lines: transcript.lines };
}

const histogram: Histogram = {
  kind: 'int',
  schema: 3,
  zeroThreshold: 1e-128,
  zeroCount: 2,
  count: 9,
  sum: 1.5,
  positiveSpans: [
    { offset: -3, length: 2 },
    { offset: 4, length: 1 },
  ],
  negativeSpans: [],
  positiveDeltas: Float64Array.of(1, 2, -1),
  negativeDeltas: new Float64Array(0),
  customValues: new Float64Array(0),
  counterResetHint: 'no_reset',
};

const { positiveDeltas: _p, negativeDeltas: _n, ...shared } = histogram as Extract<Histogram, { kind: 'int' }>;
const custom: Histogram = {
  ...shared,
  kind: 'float',
  schema: -53,
  positiveBuckets: Float64Array.of(1.5, 2),
  negativeBuckets: new Float64Array(0),
  customValues: Float64Array.of(0.5, 1, 2),
};

const everything: LogBatch = {
  series: [
    { ref: 1, labels: Labels.from({ __name__: 'up', job: 'näme "x"' }) },
    { ref: 2 ** 40, labels: Labels.from({ a: '1' }) },
  ],
  metadata: [{ ref: 1, metadata: { type: 'gauge', unit: 'bytes', help: 'Help\nme' } }],
  samples: samples([
    [1, 1_700_000_000_000, 1.5],
    [2, 1_700_000_000_000, 'stale'],
    [2 ** 40, 1_699_999_999_000, -0],
    [1, -5, Infinity],
  ]),
  histograms: [
    { ref: 3, t: 10, histogram },
    { ref: 4, t: 11, histogram: custom },
    { ref: 5, t: 12, histogram, isStale: true },
  ],
  exemplars: [{ ref: 1, exemplar: { labels: Labels.from({ trace_id: 'abc' }), t: 7, v: 2.5 } }],
  tombstones: [{ ref: 1, mint: -10, maxt: 99 }],
};

const everythingLines = [
  'series 1 {__name__="up", job="näme \\"x\\""}',
  `series ${2 ** 40} {a="1"}`,
  'metadata 1 gauge bytes Help\nme',
  'sample 1 1700000000000 1.5',
  'sample 2 1700000000000 stale',
  `sample ${2 ** 40} 1699999999000 0`,
  'sample 1 -5 Infinity',
  `histogram 3 10 ${printed(histogram)}`,
  'histogram 5 12 stale',
  `histogram 4 11 ${printed(custom)}`,
  'exemplar 1 7 2.5 {trace_id="abc"}',
  'tombstone 1 -10 99',
];

describe('a log', () => {
  it.each(['snappy', 'none', 'zstd'] as const)(
    'gives back every kind of record, compressed with %s',
    async (compression) => {
      const log = await WriteAheadLog.open(dir, { logger: silentLogger, compression });
      await log.replay(new Transcript());
      log.log(everything);
      log.log({ samples: samples([[1, 5, 5]]) });
      log.close();
      const again = await replay();
      expect(again.report.corruptions).toEqual([]);
      expect(again.lines).toEqual([...everythingLines, 'sample 1 5 5']);
      again.log.close();
    },
  );

  it('spreads long records over pages and many records over segments', async () => {
    const log = await WriteAheadLog.open(dir, { logger: silentLogger, segmentBytes: 4 * 32768, compression: 'none' });
    await log.replay(new Transcript());
    const expected: string[] = [];
    for (let i = 0; i < 40; i++) {
      const labels = Labels.from({ a: String.fromCharCode(97 + (i % 26)).repeat(1 + i * 1500) });
      log.log({ series: [{ ref: i, labels }] });
      expected.push(`series ${i} ${labels}`);
    }
    log.close();
    expect(listSegments(dir).length).toBeGreaterThan(5);
    for (const segment of listSegments(dir))
      expect(statSync(path.join(dir, segmentName(segment))).size).toBeLessThanOrEqual(4 * 32768);
    expect((await replay()).lines).toEqual(expected);
  });

  it('takes records of every length around the edges of a page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.integer({ min: 0, max: 200 }),
            fc.integer({ min: 32_700, max: 32_800 }),
            fc.integer({ min: 65_500, max: 65_560 }),
          ),
          { minLength: 1, maxLength: 12 },
        ),
        async (lengths) => {
          const at = mkdtempSync(path.join(dir, 'p'));
          const writer = SegmentWriter.open(at, { compression: 'none', segmentBytes: 3 * 32768 });
          const records = lengths.map((length, i) => new Uint8Array(length + 1).fill(i + 1));
          for (const record of records) writer.append([record]);
          writer.close();
          const read: Uint8Array[] = [];
          for (const segment of listSegments(at)) {
            const report = readSegment(path.join(at, segmentName(segment)), (record) => read.push(record.slice()));
            expect(report.corruptions).toEqual([]);
            expect(report.isTorn).toBe(false);
          }
          expect(Buffer.concat(read).equals(Buffer.concat(records))).toBe(true);
          expect(read.map((record) => record.length)).toEqual(records.map((record) => record.length));
          await Promise.resolve();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('always begins a new segment', async () => {
    for (let i = 0; i < 3; i++) {
      const { log } = await replay();
      log.log({ samples: samples([[1, i, i]]) });
      log.close();
    }
    expect(listSegments(dir)).toEqual([0, 1, 2]);
    expect((await replay()).lines).toEqual(['sample 1 0 0', 'sample 1 1 1', 'sample 1 2 2']);
  });
});

describe('after a crash', () => {
  it('loses nothing but the record that was being written, wherever the file ends', async () => {
    const { log } = await replay();
    for (let i = 0; i < 6; i++) log.log({ samples: samples([[1, i, i * 1.1]]) });
    log.close();
    const file = path.join(dir, segmentName(0));
    const whole = readFileSync(file);
    const ends: number[] = [];
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(file, whole.subarray(0, cut));
      const lines: string[] = [];
      const report = readSegment(file, () => lines.push('x'));
      expect(report.corruptions).toEqual([]);
      ends.push(lines.length);
      expect(report.end).toBeLessThanOrEqual(cut);
    }
    expect(ends.at(-1)).toBe(6);
    expect([...ends].sort((a, b) => a - b)).toEqual(ends);
  });

  it('cuts the torn end off, so that other readers accept the segment too', async () => {
    const { log } = await replay();
    log.log({ samples: samples([[1, 1, 1]]) });
    log.log({ samples: samples([[1, 2, 2]]) });
    log.close();
    const file = path.join(dir, segmentName(0));
    truncateSync(file, statSync(file).size - 3);
    const first = await replay();
    expect(first.lines).toEqual(['sample 1 1 1']);
    first.log.log({ samples: samples([[1, 3, 3]]) });
    first.log.close();
    expect(readSegment(file, () => {}).isTorn).toBe(false);
    expect((await replay()).lines).toEqual(['sample 1 1 1', 'sample 1 3 3']);
  });
});

describe('damage', () => {
  it('costs the page it is in, is reported with file and offset, and is gone after the repair', async () => {
    const log = await WriteAheadLog.open(dir, { logger: silentLogger, compression: 'none' });
    await log.replay(new Transcript());
    for (let i = 0; i < 6000; i++) log.log({ samples: samples([[1, i, i]]) });
    log.close();
    const file = path.join(dir, segmentName(0));
    const bytes = readFileSync(file);
    bytes[40_000] ^= 0x10;
    writeFileSync(file, bytes);
    const damaged = await replay();
    damaged.log.close();
    expect(damaged.report.corruptions).toHaveLength(1);
    expect(damaged.report.corruptions[0]!.file).toBe(file);
    expect(damaged.report.corruptions[0]!.offset).toBeGreaterThan(39_900);
    expect(damaged.lines[0]).toBe('sample 1 0 0');
    expect(damaged.lines.at(-1)).toBe('sample 1 5999 5999');
    expect(damaged.lines.length).toBeGreaterThan(5000);
    const again = await replay();
    expect(again.report.corruptions).toEqual([]);
    expect(again.lines).toEqual(damaged.lines);
    expect(readdirSync(dir).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('never crashes, hangs or gives more than there was, whichever byte is flipped or lost', async () => {
    const zstd = await loadZstd();
    const { log } = await replay();
    log.log(everything);
    log.close();
    const file = path.join(dir, segmentName(0));
    const whole = readFileSync(file);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = Buffer.from(whole.subarray(0, length));
          for (const [at, value] of changes) if (at < length) bytes[at] = value;
          writeFileSync(file, bytes);
          let records = 0;
          readSegment(file, () => records++, zstd);
          expect(records).toBeLessThanOrEqual(8);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('a disk that does not take it', () => {
  const failing = (after: number): LogFiles => {
    let left = after;
    return {
      ...systemLogFiles,
      write: (fd, bytes, from, length, position) => {
        if (left <= 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        const some = Math.min(length, left);
        left -= some;
        return systemLogFiles.write(fd, bytes, from, some, position);
      },
    };
  };

  it('refuses the whole batch with a message, and goes on once there is room', async () => {
    const disk = failing(100);
    let isFull = true;
    const files: LogFiles = { ...systemLogFiles, write: (...args) => (isFull ? disk : systemLogFiles).write(...args) };
    const log = await WriteAheadLog.open(dir, { logger: silentLogger, files });
    await log.replay(new Transcript());
    log.log({ samples: samples([[1, 1, 1]]) });
    const big = samples(Array.from({ length: 50 }, (_, i) => [i, 2, Math.random()] as [number, number, number]));
    expect(() => {
      log.log({ samples: big });
    }).toThrow(/Cannot write the log ".*00000000": ENOSPC.*free space/);
    isFull = false;
    log.log({ samples: samples([[1, 3, 3]]) });
    log.close();
    expect((await replay()).lines).toEqual(['sample 1 1 1', 'sample 1 3 3']);
  });
});

describe('a checkpoint', () => {
  it('keeps what is still needed and removes the segments it stands for', async () => {
    for (let i = 0; i < 12; i++) {
      const { log } = await replay();
      log.log({
        series: [{ ref: i, labels: Labels.from({ n: String(i) }) }],
        samples: samples([[i, i * 100, i]]),
        metadata: [{ ref: 0, metadata: { type: 'counter', unit: '', help: String(i) } }],
      });
      log.close();
    }
    const open = (await replay()).log;
    const upTo = open.truncate(400, (ref) => ref !== 6);
    open.close();
    expect(upTo).toBeGreaterThan(4);
    expect(listCheckpoints(dir)).toEqual([upTo]);
    expect(listSegments(dir)[0]).toBe(upTo! + 1);
    const { lines } = await replay();
    expect(lines.filter((line) => line.startsWith('series'))).toHaveLength(11);
    expect(lines).toContain('series 0 {n="0"}');
    expect(lines).not.toContain('series 6 {n="6"}');
    expect(lines.some((line) => line.startsWith('sample 1 '))).toBe(false);
    expect(lines).toContain('sample 5 500 5');
  });

  it('is ignored while unfinished', async () => {
    const { log } = await replay();
    log.log({ samples: samples([[1, 1, 1]]) });
    log.close();
    mkdirSync(path.join(dir, 'checkpoint.00000000.tmp'));
    appendFileSync(path.join(dir, 'checkpoint.00000000.tmp', '00000000'), 'garbage');
    expect((await replay()).lines).toEqual(['sample 1 1 1']);
  });
});

const real = sharedDir('tsdb-blocks', 'prometheus-3.5.3');

describe.skipIf(real === undefined)('logs written by Prometheus 3.5.3', () => {
  it.each(['head/wal', 'head/wbl', 'head-live/wal', 'head-live/wbl'])(
    '%s is read to its end without damage',
    (name) => {
      const from = path.join(real!, name);
      const names = existsSync(from) ? readdirSync(from).filter((file) => /^\d+\.base64\.txt$/.test(file)) : [];
      expect(names.length).toBeGreaterThan(0);
      for (const file of names)
        writeFileSync(
          path.join(dir, file.replace('.base64.txt', '')),
          Buffer.from(readFileSync(path.join(from, file), 'utf8'), 'base64'),
        );
      return replay().then(({ lines, report }) => {
        expect(report.corruptions).toEqual([]);
        expect(lines.length).toBeGreaterThan(0);
      });
    },
  );

  it('say of floats what promtool dumped from the same head', async () => {
    const from = path.join(real!, 'head', 'wal');
    for (const file of readdirSync(from).filter((f) => f.endsWith('.base64.txt'))) {
      writeFileSync(
        path.join(dir, file.replace('.base64.txt', '')),
        Buffer.from(readFileSync(path.join(from, file), 'utf8'), 'base64'),
      );
    }
    const labels = new Map<number, string>();
    const dumped = new Set(readFileSync(path.join(real!, 'head', 'dump.txt'), 'utf8').split('\n'));
    let found = 0;
    let missing = 0;
    const log = await WriteAheadLog.open(dir, { logger: silentLogger });
    const handler = new Transcript();
    handler.series = (ref, l) => labels.set(ref, String(l));
    handler.samples = ({ length, refs, t, v, bits }) => {
      for (let i = 0; i < length; i++) {
        if (bits[2 * i + 1] === STALE_NAN_HIGH || Number.isNaN(v[i])) continue;
        const start = `${labels.get(refs[i])} `;
        const line = [...[String(v[i]), v[i]!.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')]]
          .map((text) => `${start}${text} ${t[i]}`)
          .find((l) => dumped.has(l));
        if (line === undefined) missing++;
        else found++;
      }
    };
    await log.replay(handler);
    expect(found).toBeGreaterThan(5000);
    expect(missing / (found + missing)).toBeLessThan(0.02);
  });
});
