import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../../test/recording-terminal.ts';
import { run } from '../index.ts';

let dir = '';
beforeAll(() => (dir = mkdtempSync(path.join(tmpdir(), 'yagura-check-'))));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function file(name: string, text: string): string {
  const full = path.join(dir, name);
  writeFileSync(full, text);
  return full;
}

async function tool(args: readonly string[], input = '') {
  const terminal = recordingTerminal(input);
  await run(['node', 'yagura', 'tool', ...args], terminal);
  return terminal;
}

const twice = 'groups:\n- name: g\n  rules:\n  - {record: a, expr: b}\n  - {record: a, expr: c}\n';

describe('check config', () => {
  it('says in promtool’s words that a file and its rules are valid', async () => {
    file('good-rules.yml', 'groups: [{name: g, rules: [{record: a, expr: b}]}]');
    const good = file('good.yml', 'rule_files: [good-rules.yml]\nscrape_configs: [{job_name: j}]\n');
    const { output, errors, code } = await tool(['check', 'config', good]);
    expect(output).toBe(
      `Checking ${good}\n  SUCCESS: 1 rule files found\n SUCCESS: ${good} is valid prometheus config file syntax\n\n` +
        `Checking ${path.join(dir, 'good-rules.yml')}\n  SUCCESS: 1 rules found\n\n`,
    );
    expect(errors).toBe('');
    expect(code).toBe(0);
  });

  it('gives every error its place', async () => {
    const bad = file('bad.yml', 'global:\n  scrape_interval: soon\nnothing: 1\n');
    const { errors, code } = await tool(['check', 'config', bad]);
    expect(errors).toContain(`  FAILED: ${bad}:2:20: global.scrape_interval: `);
    expect(errors).toContain(`    ${bad}:3:1: `);
    expect(code).toBe(1);
  });

  it('refuses targets that no job can scrape, and Alertmanagers that cannot be', async () => {
    const target = file(
      'target.yml',
      'scrape_configs:\n- job_name: j\n  relabel_configs: [{target_label: x}]\n  static_configs: [{targets: ["http://bad"]}]\n',
    );
    const peer = file(
      'peer.yml',
      'alerting: {alertmanagers: [{relabel_configs: [{target_label: x}], static_configs: [{targets: ["http://bad"]}]}]}\n',
    );
    const { errors, code } = await tool(['check', 'config', target, peer]);
    expect(errors).toContain('"http://bad" is not a valid hostname');
    expect(errors.match(/FAILED/g)).toHaveLength(2);
    expect(code).toBe(1);
  });

  it('warns of intervals that are too long, and fails for them when asked to', async () => {
    const slow = file('slow.yml', 'scrape_configs: [{job_name: j, scrape_interval: 10m}]\n');
    expect((await tool(['check', 'config', '--lint-fatal', slow])).code).toBe(0);
    const args = ['check', 'config', '--lint=too-long-scrape-interval', slow];
    expect(await tool(args)).toMatchObject({
      code: 0,
      errors: expect.stringContaining('job: j, interval: 10m') as string,
    });
    expect((await tool([...args, '--lint-fatal'])).code).toBe(3);
    expect((await tool([...args, '--lint-fatal', '--query.lookback-delta=11m'])).code).toBe(0);
    expect((await tool([...args, '--lint-fatal', '--lint=all,none'])).code).toBe(0);
  });

  it('leaves other files alone with --syntax-only', async () => {
    const missing = file('missing.yml', 'rule_files: [none.yml]\n');
    expect(await tool(['check', 'config', missing])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('does not point to an existing file') as string,
    });
    expect((await tool(['check', 'config', '--syntax-only', missing])).code).toBe(0);
  });
});

describe('check rules', () => {
  it('reads standard input where no file is named', async () => {
    const terminal = await tool(['check', 'rules'], twice);
    expect(terminal.output).toBe('Checking standard input\n\n');
    expect(terminal.errors).toBe(
      '  FAILED:\nlint error 1 duplicate rule(s) found.\nMetric: a\nLabel(s):\nMight cause inconsistency while recording expressions\n',
    );
    expect(terminal.code).toBe(0);
    expect((await tool(['check', 'rules', '--lint-fatal'], twice)).code).toBe(3);
    expect((await tool(['check', 'rules', '--lint-fatal', '--lint=none'], twice)).output).toContain(
      'SUCCESS: 2 rules found',
    );
  });

  it('gives a broken expression its place', async () => {
    const { errors, code } = await tool(
      ['check', 'rules'],
      'groups:\n- name: g\n  rules:\n  - record: a\n    expr: b +\n',
    );
    expect(errors).toContain(
      'standard input:5:11: groups[0].rules[0].expr: group "g", rule 1, "a": could not parse expression',
    );
    expect(code).toBe(1);
  });

  it('goes on after a file that is not there', async () => {
    const good = file('rules.yml', twice);
    const { errors, output, code } = await tool(['check', 'rules', path.join(dir, 'none.yml'), good, '--lint=none']);
    expect(errors).toContain('ENOENT');
    expect(output).toContain('SUCCESS: 2 rules found');
    expect(code).toBe(1);
  });
});

describe('check web-config', () => {
  it('judges each file', async () => {
    const good = file('web.yml', 'http_server_config: {http2: false}\n');
    const bad = file('web-bad.yml', 'tls_server_config: {cert_file: none.pem, key_file: none.pem}\n');
    const { errors, code } = await tool(['check', 'web-config', good, bad]);
    expect(errors).toContain(`${good} SUCCESS\n${bad} FAILED: ${bad}:1:32: tls_server_config.cert_file: ENOENT`);
    expect(code).toBe(1);
  });
});

describe('check metrics', () => {
  it('ends with 3 for lint problems and with 1 for a broken page', async () => {
    expect(await tool(['check', 'metrics'], 'a 1\n')).toMatchObject({ code: 3, errors: 'a no help text\n' });
    expect(await tool(['check', 'metrics'], 'a\n')).toMatchObject({
      code: 1,
      errors: 'error while linting: line 1, column 2: expected a number as value, got ""\n',
    });
    expect(await tool(['check', 'metrics', '--format=openmetrics', '--lint=none'], 'a 1\n')).toMatchObject({
      code: 1,
      errors: 'error while linting: line 2, column 1: the page does not end with # EOF\n',
    });
  });

  it('prints cardinalities', async () => {
    const { output, code } = await tool(
      ['check', 'metrics', '--extended', '--lint=none'],
      'a{b="1"} 1\na{b="2"} 1\nc 1\n',
    );
    expect(output).toBe(
      'Metric    Cardinality    Percentage    \na         2              66.67%        \nc         1              33.33%        \nTotal     3              100%          \n',
    );
    expect(code).toBe(0);
  });
});

describe('wrong arguments', () => {
  it.each([
    [['check', 'config'], "missing required argument 'file'"],
    [['check', 'config', '--nothing'], "unknown option '--nothing'"],
    [['check', 'config', '--query.lookback-delta=soon', 'x'], 'Expected a duration such as 5m'],
    [['check', 'nothing'], "unknown command 'nothing'"],
    [['check', 'metrics', 'page.txt'], 'too many arguments'],
    [['check', 'metrics', '--format=json'], 'Allowed choices are auto, text, openmetrics'],
    [['check', 'metrics', '--lint=none'], '--lint=none leaves nothing to do'],
    [['nothing'], "unknown command 'nothing'"],
  ])('%j end with a message and 2', async (args, message) => {
    const { errors, code } = await tool(args);
    expect(errors).toContain(message);
    expect(errors).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });

  it('help has examples and exit codes', async () => {
    const { output, code } = await tool(['check', 'config', '--help']);
    expect(output).toContain('$ yagura tool check config prometheus.yml');
    expect(output).toContain('3  a lint failed and --lint-fatal is given');
    expect(code).toBe(0);
  });
});
