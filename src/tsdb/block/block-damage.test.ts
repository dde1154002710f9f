import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpackRecorded } from '../../../test/recorded-blocks.ts';
import { selector } from '../../../test/selector.ts';
import { sharedDir } from '../../../test/shared.ts';
import { contents, inTempDir, makeBlock } from '../../../test/tsdb/made-blocks.ts';
import { CorruptionError, Encbuf } from '../../bytes/index.ts';
import { StorageError } from '../../storage/index.ts';
import { Tombstones } from '../tombstones.ts';
import { Block } from './block.ts';
import { compactBlocks } from './compact-blocks.ts';
import { parseMeta } from './meta.ts';
import { decodeTombstones, encodeTombstones } from './tombstone-file.ts';
import { runNow } from './work.ts';

const recorded = sharedDir('tsdb-blocks');

const FILES = ['index', 'chunks/000001', 'tombstones', 'meta.json'];

/** Uses all of a block that can be used: every answer is right or a clear error. */
function useAll(dir: string): void {
  const block = Block.open(dir);
  try {
    contents(block);
    const querier = block.querier(0, 2 ** 52);
    querier.select(selector('{__name__=~"prom.+",job="prometheus"}'), { sorted: true });
    querier.select(selector('{__name__!="up",job=~"n.*"}'), {
      sorted: true,
      hints: { mint: 0, maxt: 1, labelsOnly: true },
    });
    querier.labelNames([]);
    querier.labelNames(selector('{job="nhcb"}'));
    querier.labelValues('le', []);
    querier.labelValues('handler', selector('{job="prometheus"}'));
    querier.close();
    runNow(compactBlocks(path.dirname(dir), [block], { ulid: '01M7Y9MC6GX9BVFT52CWJ2RCFZ' }));
  } finally {
    block.close();
  }
}

/** Runs `use` over copies of a block in which one file has been changed. */
async function damaged(
  source: string,
  draw: fc.Arbitrary<{ file: number; change: (bytes: Buffer) => Buffer }>,
  runs: number,
) {
  await inTempDir((dir) => {
    const original = path.join(dir, 'original');
    unpackRecorded(source, original);
    const copy = path.join(dir, 'copy');
    mkdirSync(path.join(copy, 'chunks'), { recursive: true });
    let errors = 0;
    fc.assert(
      fc.property(draw, ({ file, change }) => {
        for (const name of FILES) copyFileSync(path.join(original, name), path.join(copy, name));
        const name = FILES[file]!;
        writeFileSync(path.join(copy, name), change(readFileSync(path.join(original, name))));
        try {
          useAll(copy);
        } catch (error) {
          errors++;
          if (error instanceof CorruptionError) expect(error.file?.startsWith(copy)).toBe(true);
          else expect(error).toBeInstanceOf(StorageError);
        }
        expect(readdirSync(dir).filter((entry) => entry.includes('tmp'))).toEqual([]);
        removeMerged(dir);
      }),
      { numRuns: runs, endOnFailure: true },
    );
    expect(errors).toBeGreaterThan(runs / 4);
  });
}

function removeMerged(dir: string): void {
  for (const name of readdirSync(dir)) if (name.length === 26) rmSync(path.join(dir, name), { recursive: true });
}

const file = fc.constantFrom(0, 0, 0, 1, 1, 2, 3);

describe.skipIf(recorded === undefined)('a damaged block', () => {
  const sources = (): [string, string][] => [
    ['version 2', path.join(recorded!, 'prometheus-3.5.3', 'block', '01M7Y9MC6GX9BVFT52CWJ2RCF3')],
    ['version 1', path.join(recorded!, 'index_format_v1')],
  ];

  it.each([0, 1])('with flipped bits is refused or read, never worse', (i) =>
    damaged(
      sources()[i]![1],
      fc
        .record({
          file,
          bits: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 7 })), {
            minLength: 1,
            maxLength: 3,
          }),
        })
        .map(({ file: chosen, bits }) => ({
          file: chosen,
          change: (bytes: Buffer) => {
            for (const [where, bit] of bits)
              bytes[Math.min(bytes.length - 1, Math.floor(where * bytes.length))]! ^= 1 << bit;
            return bytes;
          },
        })),
      60,
    ),
  );

  it.each([0, 1])('with a file cut short or grown is refused or read, never worse', (i) =>
    damaged(
      sources()[i]![1],
      fc.record({ file, keep: fc.double({ min: 0, max: 1.2, noNaN: true }) }).map(({ file: chosen, keep }) => ({
        file: chosen,
        change: (bytes: Buffer) => {
          const length = Math.floor(bytes.length * keep);
          return length <= bytes.length
            ? bytes.subarray(0, length)
            : Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
        },
      })),
      40,
    ),
  );
});

describe('lengths that lie', () => {
  const claims = (section: number, value: number) => (index: Buffer) => {
    const toc = index.length - 52;
    index.writeUInt32BE(value, Number(index.readBigUInt64BE(toc + 8 * section)));
  };

  it.each([
    ['symbols', 0],
    ['postings offset table', 5],
  ])('of the %s are not believed', (_, section) =>
    inTempDir((dir) => {
      const meta = makeBlock(dir, [{ labels: { a: 'b' }, samples: [[1, 1]] }])!;
      const file = path.join(dir, meta.ulid, 'index');
      for (const length of [0, 1, 0x7fffffff, 0xffffffff]) {
        const index = readFileSync(file);
        claims(section, length)(index);
        writeFileSync(file, index);
        const block = Block.open(path.join(dir, meta.ulid));
        expect(() => contents(block)).toThrow(CorruptionError);
        block.close();
      }
    }),
  );
});

describe('tombstones', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), fc.nat({ max: 1000 }))),
        (stones) => {
          const tombstones = new Tombstones();
          for (const [ref, mint, width] of stones) tombstones.add(ref, mint, mint + width);
          const read = decodeTombstones(encodeTombstones(tombstones), 'tombstones');
          expect([...read.entries()].sort()).toEqual([...tombstones.entries()].sort());
        },
      ),
    );
  });

  it('join, and need not stand in order', () => {
    const out = new Encbuf();
    out.putBe32(0x0130ba30);
    out.putByte(1);
    for (const [ref, mint, maxt] of [
      [7, 30, 40],
      [3, 5, 9],
      [7, 10, 20],
      [7, 15, 29],
    ] as const) {
      out.putUvarint(ref);
      out.putVarint(mint);
      out.putVarint(maxt);
    }
    out.putCrc32c(5);
    const read = decodeTombstones(out.toBytes(), 'tombstones');
    expect([...read.entries()]).toEqual([
      [3, [{ mint: 5, maxt: 9 }]],
      [7, [{ mint: 10, maxt: 40 }]],
    ]);
  });
});

describe('meta.json', () => {
  const ulid = '01M7Y9MC6GX9BVFT52CWJ2RCF3';

  it('says what is wrong with it', () => {
    const fail = (json: unknown) => () =>
      parseMeta(typeof json === 'string' ? json : JSON.stringify(json), '/db/meta.json');
    expect(fail('{')).toThrow('/db/meta.json: Not JSON');
    expect(fail('null')).toThrow('Expected an object');
    expect(fail({ ulid })).toThrow('"version" is 0, expected 1');
    expect(fail({ version: 1, ulid, minTime: 1.5 })).toThrow('"minTime" is 1.5, expected a whole number');
    expect(fail({ version: 1, ulid, minTime: 5, maxTime: 4 })).toThrow('"minTime" is 5, expected at most 4');
    expect(fail({ version: 1, ulid, stats: 5 })).toThrow('Expected an object at "stats"');
    expect(fail({ version: 1, ulid, compaction: { sources: ['x'] } })).toThrow(
      '"compaction.sources" is "x", expected a ULID',
    );
    expect(fail({ version: 1, ulid, compaction: { parents: [{}] } })).toThrow('"compaction.parents[0].ulid"');
    expect(fail({ version: 1, ulid, compaction: { hints: [1] } })).toThrow('expected strings');
    expect(fail({ version: 1, ulid, compaction: { failed: 'no' } })).toThrow('expected true or false');
  });
});
