import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../peers.ts';
import { root } from '../yagura.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'yagura-refusals-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Starts the program and gives what it said once it has ended by itself. */
async function refused(...args: string[]): Promise<{ code: number | null; output: string }> {
  const program = run(process.execPath, [path.join(root, 'bin', 'yagura'), 'serve', ...args]);
  const timer = setTimeout(() => void program.kill('SIGKILL'), 15_000);
  const code = await program.kill(0 as unknown as NodeJS.Signals);
  clearTimeout(timer);
  return { code, output: program.output() };
}

function configured(text: string, ...flags: string[]): Promise<{ code: number | null; output: string }> {
  writeFileSync(path.join(dir, 'prometheus.yml'), text);
  return refused(
    `--config.file=${dir}/prometheus.yml`,
    `--storage.tsdb.path=${dir}/data`,
    '--web.listen-address=127.0.0.1:0',
    ...flags,
  );
}

describe('a configuration that is not fit for use', () => {
  it.each<[what: string, text: string, message: RegExp]>([
    [
      'an unknown key',
      'global:\n  scrape_intervall: 15s\n',
      /prometheus\.yml:2:3: global\.scrape_intervall: field scrape_intervall not found.*scrape_interval/,
    ],
    [
      'a bad duration',
      'scrape_configs:\n  - job_name: a\n    scrape_interval: 15 parsecs\n',
      /prometheus\.yml:3:22: scrape_configs\[0\]\.scrape_interval: .*15 parsecs/,
    ],
    [
      'a duplicate job',
      'scrape_configs:\n  - job_name: a\n  - job_name: a\n',
      /prometheus\.yml:3:15: scrape_configs\[1\]\.job_name: .*job.* "a"/,
    ],
    [
      'a bad regex',
      'scrape_configs:\n  - job_name: a\n    relabel_configs:\n      - {source_labels: [x], regex: "a(b"}\n',
      /prometheus\.yml:4:37: scrape_configs\[0\]\.relabel_configs\[0\]\.regex: .*missing closing \)/,
    ],
    ['no YAML', 'scrape_configs: [\n', /prometheus\.yml:\d+:\d+: /],
  ])('with %s is refused with file, line, column and key, and nothing is started', async (_what, text, message) => {
    const { code, output } = await configured(text);
    expect(output).toMatch(message);
    expect(code).toBe(1);
    expect(existsSync(path.join(dir, 'data'))).toBe(false);
  });

  it('is refused for a rule that does not parse, with the place in the rule file', async () => {
    writeFileSync(
      path.join(dir, 'rules.yml'),
      'groups:\n  - name: g\n    rules:\n      - record: a\n        expr: sum(\n',
    );
    const { code, output } = await configured('rule_files: [rules.yml]\n');
    expect(output).toMatch(/rules\.yml:5:15: .*1:5: parse error: unclosed left parenthesis/);
    expect(code).toBe(1);
  });

  it('is refused when the file is not there', async () => {
    const { code, output } = await refused(`--config.file=${dir}/nowhere.yml`, `--storage.tsdb.path=${dir}/data`);
    expect(output).toMatch(/nowhere\.yml: .*no such file/i);
    expect(code).toBe(1);
  });
});

describe('flags', () => {
  it('suggest the nearest when one is unknown', async () => {
    const { code, output } = await refused('--web.enable-lifecicle');
    expect(output).toMatch(/unknown option '--web.enable-lifecicle'[^]*--web.enable-lifecycle/);
    expect(code).toBe(2);
  });

  it('say what was expected of a bad value', async () => {
    const { code, output } = await refused('--query.timeout=soon');
    expect(output).toMatch(/--query\.timeout: "soon" is not a duration/);
    expect(code).toBe(2);
  });

  it('do not let the server be reached from elsewhere without protection, and say what to do', async () => {
    const open = await configured('scrape_configs: []\n', '--web.listen-address=0.0.0.0:0');
    expect(open.output).toMatch(/needs TLS or configured credentials.*--web\.config\.file/);
    expect(open.code).toBe(1);
    const insecure = await configured('scrape_configs: []\n', '--web.listen-address=:0', '--insecure');
    expect(insecure.output).toMatch(/--insecure gives everyone.*--insecure-expose/);
    expect(insecure.code).toBe(1);
  });
});

it('two servers do not share a data directory: the second names the first', async () => {
  writeFileSync(path.join(dir, 'prometheus.yml'), 'scrape_configs: []\n');
  const flags = [
    `--config.file=${dir}/prometheus.yml`,
    `--storage.tsdb.path=${dir}/shared`,
    '--web.listen-address=127.0.0.1:0',
    '--insecure',
  ];
  const first = run(process.execPath, [path.join(root, 'bin', 'yagura'), 'serve', ...flags]);
  while (!first.output().includes('ready to receive')) await new Promise((resolve) => setTimeout(resolve, 50));
  const second = await refused(...flags);
  expect(second.output).toContain(`process ${first.pid} uses it`);
  expect(second.code).toBe(1);
  expect(await first.stop()).toBe(0);
});
