import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpLines, sortedDump } from '../../../test/dump.ts';
import { unpackRecorded } from '../../../test/recorded-blocks.ts';
import { selector } from '../../../test/selector.ts';
import { sharedDir } from '../../../test/shared.ts';
import { Block } from './block.ts';

const recorded = sharedDir('tsdb-blocks');
const ULID = '01M7Y9MC6GX9BVFT52CWJ2RCF3';

describe.skipIf(recorded === undefined)('a block that Prometheus wrote', () => {
  let dir: string;
  let block: Block;

  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'yagura-block-'));
    unpackRecorded(path.join(recorded!, 'prometheus-3.5.3', 'block', ULID), path.join(dir, ULID));
    block = Block.open(path.join(dir, ULID));
  });

  afterAll(() => {
    block.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('yields every sample that promtool dumps', () => {
    const expected = readFileSync(path.join(recorded!, 'prometheus-3.5.3', 'block', 'dump.txt'), 'utf8');
    expect(dumpLines(block, { likePromtool: true })).toEqual(sortedDump(expected));
  });

  it('has as many samples as its meta.json says', () => {
    expect(dumpLines(block)).toHaveLength(block.meta.stats.numSamples);
  });

  it('leaves deleted samples out', () => {
    const deleted = path.join(recorded!, 'prometheus-3.5.3', 'block-with-tombstones');
    const copy = path.join(dir, 'deleted');
    unpackRecorded(path.join(recorded!, 'prometheus-3.5.3', 'block', ULID), copy);
    const stones = Buffer.from(readFileSync(path.join(deleted, 'tombstones.base64.txt'), 'utf8'), 'base64');
    writeFileSync(path.join(copy, 'tombstones'), stones);
    const opened = Block.open(copy);
    expect(opened.tombstones.count).toBeGreaterThan(0);
    const expected = readFileSync(path.join(deleted, 'dump.txt'), 'utf8');
    expect(dumpLines(opened, { likePromtool: true })).toEqual(sortedDump(expected));
    opened.close();
  });

  it('selects as Prometheus selects', () => {
    const querier = block.querier(0, 2 ** 52);
    const names = (text: string) =>
      querier.select(selector(text), { sorted: true }).series.map(({ labels }) => labels.toString());
    expect(names('{__name__="go_goroutines"}')).toHaveLength(1);
    expect(names('{__name__=~"go_.+"}')).toHaveLength(1);
    expect(names('{__name__=~"up|go_goroutines",job="prometheus"}')).toHaveLength(2);
    expect(names('{__name__="up",job!="prometheus"}')).toHaveLength(1);
    expect(names('{nowhere="x"}')).toEqual([]);
    expect(names('{nowhere=""}')).toHaveLength(block.meta.stats.numSeries);
    expect(names('{nowhere!=""}')).toEqual([]);
    expect(names('{le!="",handler=~".*"}').every((text) => text.includes('le='))).toBe(true);
    querier.close();
  });

  it('lists label names and values, all or of some series', () => {
    const querier = block.querier(0, 2 ** 52);
    expect(querier.labelNames([]).values).toContain('__name__');
    expect(querier.labelNames(selector('{__name__="go_goroutines"}')).values).toEqual(['__name__', 'instance', 'job']);
    expect(querier.labelValues('job', []).values).toEqual(['nhcb', 'prometheus']);
    expect(querier.labelValues('job', selector('{__name__="go_goroutines"}')).values).toEqual(['prometheus']);
    expect(querier.labelValues('job', selector('{job!="nhcb"}')).values).toEqual(['prometheus']);
    expect(querier.labelValues('job', selector('{instance=~".+"}'), { limit: 1 }).values).toEqual(['nhcb']);
    expect(querier.labelValues('nowhere', []).values).toEqual([]);
    querier.close();
  });
});

describe.skipIf(recorded === undefined)('a block with an index of version 1', () => {
  it('is read', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'yagura-block-'));
    try {
      unpackRecorded(path.join(recorded!, 'index_format_v1'), dir);
      const block = Block.open(dir);
      expect(block.index.version).toBe(1);
      const querier = block.querier(0, 2 ** 52);
      const labels = (text: string) =>
        querier.select(selector(text), { sorted: true }).series.map((one) => one.labels.toString());
      expect(labels('{foo="bar"}')).toEqual(['{foo="bar"}']);
      expect(labels('{foo!~"^.?$"}')).toEqual(['{foo="bar"}', '{foo="baz"}']);
      expect(labels('{bar=~"1.?"}')).toHaveLength(11);
      expect(querier.labelValues('bar', []).values).toHaveLength(100);
      querier.close();
      expect(dumpLines(block)).toHaveLength(block.meta.stats.numSamples);
      block.close();
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
