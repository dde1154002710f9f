import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/index.ts';
import { peer } from '../peers.ts';
import { recordingTerminal } from '../recording-terminal.ts';
import { sharedDir } from '../shared.ts';

const promtool = peer('promtool');

/** What the peer, 3.5.3, does not know yet, or no longer checked: its words for it. */
const newer =
  /field \w+ not found in type config\.|utf8 metric names requested but validation scheme is not set to UTF8/;

/** Valid for the peer: the queue's bounds are checked since 3.9. */
const checkedSince = /remote write queue /;

const files = (folder: string, pattern: RegExp) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort();

describe.each([
  { kind: 'config', folder: 'config', pattern: /\.yml$/, flags: [] },
  { kind: 'config', folder: 'config', pattern: /^agent.*\.yml$/, flags: ['--agent'] },
  // Without the file for which the peer asks a cloud's metadata service.
  { kind: 'config', folder: 'promtool', pattern: /^(?!.*aws).*\.yml$/, flags: ['--lint=all', '--lint-fatal'] },
  { kind: 'config', folder: 'promtool', pattern: /^(?!.*aws).*\.yml$/, flags: ['--syntax-only'] },
  { kind: 'rules', folder: 'promtool', pattern: /\.yml$/, flags: ['--lint-fatal', '--ignore-unknown-fields'] },
  { kind: 'rules', folder: 'rulefmt', pattern: /\.yaml$/, flags: [] },
  { kind: 'rules', folder: 'rules-fixtures', pattern: /\.yaml$/, flags: [] },
  { kind: 'web-config', folder: 'exporter-toolkit-web', pattern: /\.ya?ml$/, flags: [] },
])('check $kind of the files in $folder ($flags)', ({ kind, folder, pattern, flags }) => {
  const dir = sharedDir(folder);
  const before = process.cwd();
  // Both name the file without its folder, so that their relative paths are the same.
  beforeAll(() => {
    if (dir !== undefined) process.chdir(dir);
  });
  afterAll(() => {
    process.chdir(before);
  });

  it.skipIf(promtool === undefined || dir === undefined)(
    'ends as with promtool',
    async () => {
      const differing: string[] = [];
      for (const file of files(dir!, pattern)) {
        const theirs = spawnSync(promtool!, ['check', kind, ...flags, file], { encoding: 'utf8' });
        const ours = recordingTerminal();
        await run(['node', 'yagura', 'tool', 'check', kind, ...flags, file], ours);
        if (ours.code === theirs.status) continue;
        if (newer.test(theirs.stderr) || checkedSince.test(ours.errors)) continue;
        differing.push(`${file}: ${theirs.status} there, ${ours.code} here\n${theirs.stderr}${ours.errors}`);
      }
      expect(differing).toEqual([]);
    },
    120_000,
  );
});

describe('check metrics', () => {
  const folders = ['promtool', 'node_exporter', 'live-metrics'].flatMap((name) => sharedDir(name) ?? []);

  it.skipIf(promtool === undefined || folders.length === 0)(
    'finds what promtool finds',
    () => {
      const pages = folders.flatMap((folder) =>
        files(folder, /output.*\.txt$|\.prom$/).map((name) => path.join(folder, name)),
      );
      expect(pages.length).toBeGreaterThan(10);
      return Promise.all(
        pages.map(async (page) => {
          const input = readFileSync(page, 'utf8');
          // The peer has no OpenMetrics.
          if (input.endsWith('# EOF\n')) return;
          const theirs = spawnSync(promtool!, ['check', 'metrics'], { input, encoding: 'utf8' });
          const ours = recordingTerminal(input);
          await run(['node', 'yagura', 'tool', 'check', 'metrics'], ours);
          expect(ours.code, page).toBe(theirs.status);
          // How a broken page is described is our own.
          if (ours.code !== 1) expect(lines(ours.errors), page).toEqual(lines(theirs.stderr));
        }),
      );
    },
    120_000,
  );
});

/** Each once: the peer repeats what it says of labels for every series. */
function lines(text: string): string[] {
  return [...new Set(text.split('\n'))].sort();
}
