import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedDir } from '../../../test/shared.ts';
import { openHost, type Host } from './collector.ts';
import { collectNode, nodeCollectors } from './index.ts';

const fixtures = sharedDir('exporters', 'node');

/** What depends on the machine the expected page was recorded on, not on the fixture tree. */
const machineDependent = /^node_(time_|filesystem_|uname_|scrape_collector_|os_|disk_info|network_(up|info)\b)/;

describe.skipIf(fixtures === undefined)('node collectors over the fixture tree of node_exporter', () => {
  let dir: string;
  let host: Host;

  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'yagura-node-'));
    unpackTtar(readFileSync(path.join(fixtures!, 'sys.ttar'), 'utf8'), dir);
    host = openHost({
      procfs: path.join(fixtures!, 'fixtures/proc'),
      sysfs: path.join(dir, 'sys'),
      rootfs: path.join(fixtures!, 'fixtures'),
    });
  });

  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  it('gives the value the recorded page has, for every series both have', async () => {
    const expected = pageSeries(readFileSync(path.join(fixtures!, 'e2e-output.txt'), 'utf8'));
    const differences: string[] = [];
    let compared = 0;
    for (const [series, value] of await seriesOf(host)) {
      if (machineDependent.test(series) || !expected.has(series)) continue;
      compared++;
      if (expected.get(series) !== value) differences.push(`${series}: ${value}, recorded ${expected.get(series)}`);
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(400);
  });

  it('leaves out no series of a family it has', async () => {
    const ours = await seriesOf(host);
    const families = new Set([...ours.keys()].map((series) => series.split('{')[0]!));
    const missing: string[] = [];
    for (const series of pageSeries(readFileSync(path.join(fixtures!, 'e2e-output.txt'), 'utf8')).keys()) {
      if (families.has(series.split('{')[0]!) && !machineDependent.test(series) && !ours.has(series))
        missing.push(series);
    }
    expect(missing).toEqual([]);
  });

  it('says HELP and TYPE as node_exporter 1.11.1 does', async () => {
    const lines = readFileSync(path.join(fixtures!, 'help-type-1.11.1.txt'), 'utf8').split('\n');
    const help = new Map<string, string>();
    for (const line of lines) {
      const match = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
      if (match) help.set(`${match[1]} ${match[2]}`, match[3]!);
    }
    const differences: string[] = [];
    for (const family of await collectNode(openHost())) {
      if (!help.has(`TYPE ${family.name}`)) continue;
      if (help.get(`HELP ${family.name}`) !== family.help) differences.push(`HELP ${family.name}: ${family.help}`);
      if (help.get(`TYPE ${family.name}`) !== family.type) differences.push(`TYPE ${family.name}: ${family.type}`);
    }
    expect(differences).toEqual([]);
  });
});

describe('collectNode', () => {
  it('reports a failing collector and keeps the others', async () => {
    const broken = {
      name: 'broken',
      collect: () => {
        throw new Error('no such file');
      },
    };
    const fine = {
      name: 'fine',
      collect: () => [
        { name: 'node_x', help: 'x', type: 'gauge' as const, samples: [{ suffix: '', labels: [], value: 1 }] },
      ],
    };
    const families = await collectNode(openHost(), [broken, fine]);
    expect(families.map((f) => f.name)).toEqual([
      'node_scrape_collector_duration_seconds',
      'node_scrape_collector_success',
      'node_x',
    ]);
    expect(families[1]!.samples.map((s) => [s.labels[1], s.value])).toEqual([
      ['broken', 0],
      ['fine', 1],
    ]);
  });

  it('survives a machine whose /proc is empty, with every collector of it failed', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'yagura-empty-'));
    const families = await collectNode(openHost({ procfs: dir, sysfs: dir, rootfs: dir }));
    const success = families.find((f) => f.name === 'node_scrape_collector_success')!;
    const succeeded = success.samples.filter((s) => s.value === 1).map((s) => s.labels[1]);
    expect(succeeded).toEqual(['netclass', 'sockstat', 'time']);
    rmSync(dir, { recursive: true });
  });

  it('survives garbage in every file of /proc', async () => {
    const garbage = ['', '\n\n', ':', 'a', 'cpu0 x y z', '\u0000\u0001', 'Inter-|\n face\n eth0: 1 2', '1 2 sda 1 x'];
    for (const text of garbage) {
      const host: Host = {
        ...openHost(),
        proc: () => text,
        sys: () => text,
        file: () => text,
        sysList: () => ['a'],
        filesystemSize: () => Promise.reject(new Error('no')),
      };
      const families = await collectNode(host);
      expect(families.find((f) => f.name === 'node_scrape_collector_success')!.samples).toHaveLength(
        nodeCollectors.length,
      );
    }
  });

  it('reports a mount that does not answer as stuck and does not ask again meanwhile', async () => {
    let asked = 0;
    const filesystem = nodeCollectors.find((c) => c.name === 'filesystem')!;
    const host: Host = {
      ...openHost(),
      proc: () => '/dev/sda1 / ext4 rw 0 0\nnfs:/dead /mnt/dead nfs rw 0 0\n',
      filesystemSize: (mountpoint) => {
        asked++;
        return mountpoint === '/'
          ? Promise.reject(Object.assign(new Error('denied'), { code: 'EACCES' }))
          : new Promise(() => {});
      },
    };
    const first = filesystem.collect(host);
    const second = await Promise.race([filesystem.collect(host), new Promise((r) => setTimeout(r, 8000))]);
    expect(second).toBeDefined();
    const families = await first;
    const errors = families
      .find((f) => f.name === 'node_filesystem_device_error')!
      .samples.map((s) => [s.labels[3], s.value]);
    expect(errors).toEqual([
      ['EACCES', 1],
      ['mountpoint timeout', 1],
    ]);
    expect(asked).toBeLessThanOrEqual(3);
  });
});

/** Series → value text of an exposition page, with label pairs in name order. */
function pageSeries(page: string): Map<string, string> {
  const series = new Map<string, string>();
  for (const line of page.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match) series.set(match[1]! + (match[2] === undefined ? '' : `{${match[2]}}`), String(Number(match[3])));
  }
  return series;
}

async function seriesOf(host: Host): Promise<Map<string, string>> {
  const series = new Map<string, string>();
  for (const family of await collectNode(host)) {
    for (const sample of family.samples) {
      const pairs: string[] = [];
      for (let i = 0; i < sample.labels.length; i += 2)
        pairs.push(`${sample.labels[i]}=${JSON.stringify(sample.labels[i + 1])}`);
      series.set(
        `${family.name}${sample.suffix}${pairs.length ? `{${pairs.sort().join(',')}}` : ''}`,
        String(sample.value),
      );
    }
  }
  return series;
}

/** Unpacks the text archive the fixtures of /sys come in. */
function unpackTtar(archive: string, into: string): void {
  const lines = archive.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const [, kind, name] = /^(Directory|Path): (.*)$/.exec(lines[i]!) ?? [];
    if (kind === undefined || name === undefined) continue;
    const target = path.join(into, name);
    if (kind === 'Directory') {
      mkdirSync(target, { recursive: true });
      continue;
    }
    mkdirSync(path.dirname(target), { recursive: true });
    const [, what, rest] = /^(Lines|SymlinkTo): (.*)$/.exec(lines[++i]!)!;
    if (what === 'SymlinkTo') {
      symlinkSync(rest!, target);
      continue;
    }
    const count = Number(rest);
    const content = lines.slice(i + 1, i + 1 + count).join('\n');
    // The archive marks a last line without a newline with EOF, and writes NUL bytes as such a word.
    writeFileSync(target, content.endsWith('EOF') ? content.slice(0, -3) : `${content}\n`);
    i += count;
  }
}
