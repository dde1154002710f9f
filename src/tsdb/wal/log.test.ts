import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { sharedDir } from '../../../test/shared.ts';
import { temporaryDir, unpack } from '../../../test/tsdb/fixtures.ts';
import { CorruptionError, Encbuf } from '../../bytes/index.ts';
import { Labels, type FloatHistogram, type Histogram, type IntHistogram } from '../../model/index.ts';
import { PAGE_BYTES, type Compression } from './format.ts';
import { LogReader, type LogDamage } from './log-reader.ts';
import { LogWriter, listSegments } from './log-writer.ts';
import { RecordDecoder, type RecordSink } from './record-decode.ts';
import {
  beginSeries,
  encodeExemplars,
  encodeHistograms,
  encodeMetadata,
  encodeSamples,
  encodeTombstones,
  putSeries,
} from './record-encode.ts';

let cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.reverse()) cleanup();
  cleanups = [];
});

function freshDir(): string {
  const { dir, remove } = temporaryDir();
  cleanups.push(remove);
  return dir;
}

function readAll(dir: string): { records: string[]; damage: LogDamage | undefined } {
  const records: string[] = [];
  const reader = new LogReader(dir);
  let damage: LogDamage | undefined;
  for (const segment of listSegments(dir)) {
    damage ??= reader.readSegment(segment, (bytes, from, to) => {
      records.push(Buffer.from(bytes.subarray(from, to)).toString('hex'));
    });
  }
  return { records, damage };
}

const hex = (record: Uint8Array) => Buffer.from(record).toString('hex');
const record = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }),
  fc.nat(3 * PAGE_BYTES).map((length) => new Uint8Array(length + 1).map((_, i) => (i * 7919) >>> 5)),
);

describe('LogWriter and LogReader', () => {
  it.each(['none', 'snappy'] as const)('give back records of every size in batches, %s', (compression: Compression) => {
    fc.assert(
      fc.property(fc.array(fc.array(record, { maxLength: 4 }), { maxLength: 8 }), (batches) => {
        const dir = freshDir();
        const log = new LogWriter({ dir, compression, segmentBytes: 4 * PAGE_BYTES });
        for (const batch of batches) {
          log.begin();
          for (const one of batch) log.add(one);
          log.flush();
        }
        log.close();
        expect(readAll(dir)).toEqual({ records: batches.flat().map(hex), damage: undefined });
      }),
      { numRuns: 60 },
    );
  });

  it('end a page early when not even a header fits', () => {
    const dir = freshDir();
    const log = new LogWriter({ dir, compression: 'none' });
    for (let left = 0; left < 20; left++) {
      log.log(new Uint8Array(PAGE_BYTES - 7 - left).fill(left));
      log.log(Uint8Array.of(1, left));
    }
    log.close();
    expect(readAll(dir).records).toHaveLength(40);
  });

  it('never put a batch into two segments', () => {
    const dir = freshDir();
    const log = new LogWriter({ dir, compression: 'none', segmentBytes: 2 * PAGE_BYTES });
    for (let i = 0; i < 10; i++) {
      log.begin();
      log.add(new Uint8Array(10_000).fill(i));
      log.add(new Uint8Array(15_000).fill(i));
      log.flush();
    }
    log.close();
    for (const segment of listSegments(dir)) {
      const counts: number[] = [];
      new LogReader(dir).readSegment(segment, (bytes, from) => counts.push(bytes[from]));
      expect(counts.length % 2).toBe(0);
    }
  });

  it('tell where damage is, having handed over every whole record before it', () => {
    const dir = freshDir();
    const log = new LogWriter({ dir, compression: 'snappy' });
    const originals = Array.from({ length: 60 }, (_, i) => new Uint8Array(2000).map((_, k) => (k * i) >>> 3));
    for (const one of originals) log.log(one);
    log.close();
    const file = path.join(dir, '00000000');
    const good = readFileSync(file);
    const heads = fragmentHeads(good);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        // The format's checksum does not cover how a record is compressed: that is noticed when it is decoded.
        fc.pre(cut || !heads.has(at) || (flip & 0b11000) === 0);
        const bad = Buffer.from(good);
        bad[at] ^= flip;
        writeFileSync(file, cut ? bad.subarray(0, at) : bad);
        const { records, damage } = readAll(dir);
        expect(records).toEqual(originals.slice(0, records.length).map(hex));
        if (damage !== undefined) {
          expect(damage.error.file).toBe(file);
          expect(damage.offset).toBeLessThanOrEqual(at);
        } else if (!cut) {
          // Only a change of padding could go unnoticed, and that is checked too.
          expect(records).toHaveLength(originals.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Offsets of the first bytes of all fragments of a segment. */
function fragmentHeads(segment: Buffer): ReadonlySet<number> {
  const heads = new Set<number>();
  for (let at = 0; at + 7 <= segment.length;) {
    if (segment[at] === 0) {
      at = (Math.floor(at / 32_768) + 1) * 32_768;
      continue;
    }
    heads.add(at);
    at += 7 + segment.readUInt16BE(at + 1);
  }
  return heads;
}

/** Writes down what a decoder hands over. */
class Notes implements RecordSink {
  readonly lines: unknown[] = [];

  series(ref: number, bytes: Uint8Array, from: number, to: number, count: number): void {
    this.lines.push(['series', ref, count, hex(bytes.subarray(from, to))]);
  }

  samples({ length, refs, ts, words }: Parameters<RecordSink['samples']>[0]): void {
    for (let i = 0; i < length; i++) this.lines.push(['sample', refs[i], ts[i], words[2 * i + 1], words[2 * i]]);
  }

  histogram(ref: number, t: number, histogram: Histogram | undefined, kind: string): void {
    this.lines.push(['histogram', ref, t, histogram, kind]);
  }

  tombstone(...of: [number, number, number]): void {
    this.lines.push(['tombstone', ...of]);
  }

  exemplar(ref: number, exemplar: unknown): void {
    this.lines.push(['exemplar', ref, exemplar]);
  }

  metadata(ref: number, metadata: unknown): void {
    this.lines.push(['metadata', ref, metadata]);
  }

  mmapMarker(...of: [number, number, number]): void {
    this.lines.push(['marker', ...of]);
  }

  unknown(type: number): void {
    this.lines.push(['unknown', type]);
  }
}

function decode(bytes: Uint8Array): unknown[] {
  const notes = new Notes();
  new RecordDecoder().decode(bytes, 0, bytes.length, notes);
  return notes.lines;
}

const ref = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 40 }));
const time = fc.integer({ min: -1e13, max: 1e13 });
const shape = {
  schema: 2,
  zeroThreshold: 1e-3,
  zeroCount: 4,
  count: 9,
  sum: -1.5,
  positiveSpans: [{ offset: -3, length: 2 }],
  negativeSpans: [{ offset: 5, length: 1 }],
  counterResetHint: 'gauge',
} as const;
const noBounds = new Float64Array(0);
const int: IntHistogram = {
  kind: 'int',
  ...shape,
  customValues: noBounds,
  positiveDeltas: Float64Array.of(7, -3),
  negativeDeltas: Float64Array.of(1),
};
const float: FloatHistogram = {
  kind: 'float',
  ...shape,
  customValues: noBounds,
  positiveBuckets: Float64Array.of(7.5, 3),
  negativeBuckets: Float64Array.of(1),
};

describe('Records', () => {
  const out = new Encbuf(16);

  it('carry samples of any refs, times and bits', () => {
    const sample = fc.tuple(ref, time, fc.integer(), fc.integer());
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 50 }), (samples) => {
        const words = Int32Array.from(samples.flatMap(([, , high, low]) => [low, high]));
        const refs = Float64Array.from(samples, ([r]) => r);
        const times = Float64Array.from(samples, ([, t]) => t);
        encodeSamples(out, refs, times, words, 0, samples.length);
        expect(decode(out.bytes())).toEqual(
          samples.map(([r, t, high, low]) => ['sample', r, t === 0 ? 0 : t, high, low]),
        );
      }),
    );
  });

  it('carry series, metadata, exemplars, tombstones and histograms of every kind', () => {
    beginSeries(out);
    putSeries(out, 5, Labels.from({ a: 'ä', b: '' }));
    expect(decode(out.bytes())).toEqual([['series', 5, 1, '016102c3a4']]);

    const metadata = [{ ref: 7, metadata: { type: 'stateset', unit: 's', help: 'x'.repeat(300) } as const }];
    encodeMetadata(out, metadata);
    expect(decode(out.bytes())).toEqual([['metadata', 7, metadata[0].metadata]]);

    const exemplar = { labels: Labels.from({ id: '1' }), t: -3, v: Infinity };
    encodeExemplars(out, [{ ref: 9, exemplar }]);
    expect(decode(out.bytes())).toEqual([['exemplar', 9, exemplar]]);

    encodeTombstones(out, [{ ref: 3, mint: -1e15, maxt: 1e15 }]);
    expect(decode(out.bytes())).toEqual([['tombstone', 3, -1e15, 1e15]]);

    for (const [kind, histogram] of [
      ['int', int],
      ['float', float],
    ] as const) {
      encodeHistograms(
        out,
        [
          { ref: 1, t: 5, histogram, kind },
          { ref: 2, t: 4, histogram: undefined, kind },
        ],
        false,
      );
      expect(decode(out.bytes())).toEqual([
        ['histogram', 1, 5, histogram, kind],
        ['histogram', 2, 4, undefined, kind],
      ]);
      const custom = { ...histogram, schema: -53, customValues: Float64Array.of(1, 2.5) };
      encodeHistograms(out, [{ ref: 1, t: 5, histogram: custom, kind }], true);
      expect(decode(out.bytes())).toEqual([['histogram', 1, 5, custom, kind]]);
    }
  });

  it('of the second generation are read, their start timestamps passed over', () => {
    const samples = new Encbuf();
    samples.putByte(11);
    for (const first of [100, 5000, 4000]) samples.putVarint(first);
    samples.putBeFloat64(1);
    for (const [dref, dt, marker] of [
      [3, 10, 0],
      [-50, 20, 1],
      [2, -5, 2],
    ]) {
      samples.putVarint(dref);
      samples.putVarint(dt);
      samples.putByte(marker);
      if (marker === 2) samples.putVarint(77);
      samples.putBeFloat64(2);
    }
    const two = 0x40000000;
    expect(decode(samples.bytes())).toEqual([
      ['sample', 100, 5000, 0x3ff00000, 0],
      ['sample', 103, 5010, two, 0],
      ['sample', 53, 5020, two, 0],
      ['sample', 55, 4995, two, 0],
    ]);
  });

  it('of unknown types are passed over', () => {
    expect(decode(Uint8Array.of(200, 1, 2, 3))).toEqual([['unknown', 200]]);
  });

  it('that are damaged end in CorruptionError, whatever was changed', () => {
    const good: Uint8Array[] = [];
    encodeSamples(out, Float64Array.of(1, 2), Float64Array.of(5, 6), new Int32Array(4), 0, 2);
    good.push(out.toBytes());
    encodeHistograms(out, [{ ref: 1, t: 5, histogram: int, kind: 'int' }], false);
    good.push(out.toBytes());
    encodeHistograms(out, [{ ref: 1, t: 5, histogram: float, kind: 'float' }], false);
    good.push(out.toBytes());
    encodeMetadata(out, [{ ref: 7, metadata: { type: 'gauge', unit: 's', help: 'x' } }]);
    good.push(out.toBytes());
    encodeExemplars(out, [{ ref: 9, exemplar: { labels: Labels.from({ id: '1' }), t: 1, v: 2 } }]);
    good.push(out.toBytes());
    beginSeries(out);
    putSeries(out, 5, Labels.from({ a: 'b', c: 'd' }));
    good.push(out.toBytes());
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), fc.nat(255), fc.nat(), (bytes, at, value, cut) => {
        const bad = bytes.slice(0, 1 + (cut % bytes.length));
        bad[at % bad.length] = value;
        try {
          decode(bad);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptionError);
        }
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 13 }), fc.uint8Array({ maxLength: 80 }), (type, rest) => {
        try {
          decode(Uint8Array.of(type, ...rest));
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptionError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

const recorded = sharedDir('tsdb-blocks', 'prometheus-3.5.3', 'head');

describe.skipIf(recorded === undefined)('Records of a real Prometheus', () => {
  it('are the bytes we would have written for what they say', () => {
    const dir = unpack(path.join(recorded!, 'wal'), freshDir());
    const out = new Encbuf();
    let compared = 0;
    new LogReader(dir).readSegment(0, (bytes, from, to) => {
      const original = bytes.slice(from, to);
      const samples: { ref: number; t: number; histogram: Histogram | undefined; kind: 'int' | 'float' }[] = [];
      const notes = new (class extends Notes {
        override histogram(ref: number, t: number, histogram: Histogram | undefined, kind: 'int' | 'float'): void {
          samples.push({ ref, t, histogram, kind });
        }

        override samples({ length, refs, ts, words }: Parameters<RecordSink['samples']>[0]): void {
          encodeSamples(out, refs, ts, words, 0, length);
          expect(hex(out.bytes())).toBe(hex(original));
          compared++;
        }
      })();
      new RecordDecoder().decode(bytes, from, to, notes);
      if (samples.length > 0) {
        encodeHistograms(out, samples, samples[0].histogram?.schema === -53);
        expect(hex(out.bytes())).toBe(hex(original));
        compared++;
      }
    });
    expect(compared).toBeGreaterThan(300);
  });
});
