import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import path from 'node:path';
import { checkConfig, type CheckOptions } from './check.ts';
import { type ConfigFiles } from './files.ts';
import { glob } from './glob.ts';
import { loadConfigFile } from './load.ts';

/** Files that are only in memory. */
function memory(texts: Readonly<Record<string, string>>): ConfigFiles {
  const names = Object.keys(texts);
  return {
    read: (file) =>
      file in texts
        ? Promise.resolve(Buffer.from(texts[file]))
        : Promise.reject(new Error(`ENOENT: no such file ${file}`)),
    exists: (file) => Promise.resolve(names.some((name) => name === file || name.startsWith(`${file}/`))),
    list: (directory) =>
      Promise.resolve([
        ...new Set(
          names.flatMap((name) => {
            const rest =
              directory === '.'
                ? name
                : name.startsWith(directory === '/' ? '/' : `${directory}/`)
                  ? name.slice(directory === '/' ? 1 : directory.length + 1)
                  : '';
            return rest === '' ? [] : [rest.split('/')[0]];
          }),
        ),
      ]),
  };
}

describe('globs', () => {
  const files = memory({
    '/r/a.yml': '',
    '/r/b.yml': '',
    '/r/b.yaml': '',
    '/r/s/c.yml': '',
    '/r/[x].yml': '',
    '/r/é.yml': '',
    'here.yml': '',
  });

  it.each([
    ['/r/*.yml', ['/r/[x].yml', '/r/a.yml', '/r/b.yml', '/r/é.yml']],
    ['/r/a.yml', ['/r/a.yml']],
    ['/r/z.yml', []],
    ['/r/?.yml', ['/r/a.yml', '/r/b.yml', '/r/é.yml']],
    ['/r/[ab].y*ml', ['/r/a.yml', '/r/b.yaml', '/r/b.yml']],
    ['/r/[^a].yml', ['/r/b.yml', '/r/é.yml']],
    ['/r/[a-b].yml', ['/r/a.yml', '/r/b.yml']],
    ['/r/\\[x\\].yml', ['/r/[x].yml']],
    ['/*/*.yaml', ['/r/b.yaml']],
    ['/r/*/*.yml', ['/r/s/c.yml']],
    ['/none/*.yml', []],
    ['*.yml', ['here.yml']],
  ])('%s', async (pattern, expected) => {
    expect(await glob(pattern, files)).toEqual(expected);
  });

  it('refuse unclosed brackets', async () => {
    await expect(glob('/r/[a', files)).rejects.toThrow('syntax error in pattern');
    await expect(glob('/r/[a-]', files)).rejects.toThrow('syntax error in pattern');
  });

  it('take no longer for many stars', async () => {
    const name = 'a'.repeat(5000);
    const started = performance.now();
    expect(await glob(`/d/${'*a'.repeat(50)}b`, memory({ [`/d/${name}`]: '' }))).toEqual([]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('loading', () => {
  it('joins the jobs of all files and remembers what it read', async () => {
    const files = memory({
      '/etc/p.yml':
        'global: {scrape_interval: 7s}\nscrape_config_files: [jobs/*.yml]\nrule_files: [rules/*.yml, rules/a.yml]\nscrape_configs: [{job_name: main}]',
      '/etc/jobs/a.yml': 'scrape_configs: [{job_name: a, tls_config: {ca_file: ca.pem}}]',
      '/etc/jobs/b.yml': 'scrape_configs: [{job_name: b}]',
      '/etc/rules/a.yml': '',
    });
    const loaded = await loadConfigFile('/etc/p.yml', { files });
    expect(loaded.errors.map(String)).toEqual([]);
    expect(loaded.scrapeConfigs.map((job) => [job.jobName, job.scrapeIntervalMs])).toEqual([
      ['main', 7000],
      ['a', 7000],
      ['b', 7000],
    ]);
    expect(loaded.scrapeConfigs[1].httpClient.tls.caFile).toBe('/etc/jobs/ca.pem');
    expect(loaded.ruleFiles).toEqual(['/etc/rules/a.yml']);
    expect(loaded.files).toEqual(['/etc/p.yml', '/etc/jobs/a.yml', '/etc/jobs/b.yml']);
    expect(loaded.config.scrapeConfigs).toHaveLength(1);
  });

  it('reports errors where they are, whichever file that is', async () => {
    const files = memory({
      '/etc/p.yml': 'scrape_config_files: [jobs/*.yml]\nscrape_configs: [{job_name: a}]',
      '/etc/jobs/a.yml': 'scrape_configs:\n- job_name: a\n- job_name: b\n  scrape_timeout: 2h\n',
      '/etc/jobs/b.yml': 'global: {}\n',
    });
    const { errors } = await loadConfigFile('/etc/p.yml', { files });
    expect(errors.map(String)).toEqual([
      '/etc/jobs/a.yml:2:13: scrape_configs[0].job_name: found multiple scrape configs with job name "a", first found in main config file',
      '/etc/jobs/a.yml:4:19: scrape_configs[1].scrape_timeout: scrape timeout greater than scrape interval for scrape config with job name "b"',
      '/etc/jobs/b.yml:1:1: global: field global not found in the file',
    ]);
    const missing = await loadConfigFile('/etc/none.yml', { files });
    expect(missing.errors.map(String)).toEqual(['/etc/none.yml: ENOENT: no such file /etc/none.yml']);
  });
});

describe('checking', () => {
  const options: CheckOptions = {
    rules: {
      parseExpr: (expr) => {
        if (expr.endsWith('+')) throw new Error('unexpected end');
      },
      checkTemplate: () => {},
    },
  };

  it('follows every reference', async () => {
    const files = memory({
      '/p.yml': [
        'rule_files: [r/*.yml, gone.yml]',
        'scrape_configs:',
        '- job_name: j',
        '  authorization: {credentials_file: token}',
        '  tls_config: {ca_file: ca.pem}',
        '  file_sd_configs: [{files: [t/*.json, none.yml]}]',
      ].join('\n'),
      '/r/a.yml': 'groups: [{name: g, rules: [{record: a, expr: x}, {record: b, expr: "x +"}]}]',
      '/t/a.json': '[{"targets": ["a:1"]}, null, {"target": []}]',
    });
    const report = await checkConfig('/p.yml', { ...options, files });
    expect(report.errors.map(String)).toEqual([
      '/p.yml: error checking authorization credentials or bearer token file "/token": no such file',
      '/p.yml: error checking CA file "/ca.pem": no such file',
      '/t/a.json:1:24: [1]: nil target group item found',
      '/t/a.json:1:31: [2].target: field target not found in target group, did you mean targets?',
      '/p.yml: "/gone.yml" does not point to an existing file',
      expect.stringContaining(
        '/r/a.yml:1:68: groups[0].rules[1].expr: group "g", rule 2, "b": could not parse expression: unexpected end',
      ),
    ]);
    expect(report.warnings).toEqual(['file "/none.yml" for file_sd in scrape job "j" does not exist']);
    expect(report.ruleFiles).toEqual([{ file: '/r/a.yml', rules: 2 }]);
    const syntax = await checkConfig('/p.yml', { ...options, files, syntaxOnly: true });
    expect(syntax.errors).toEqual([]);
  });

  it('asks the one who knows about relabelled targets', async () => {
    const files = memory({ '/p.yml': 'scrape_configs: [{job_name: j, static_configs: [{targets: [bad]}]}]' });
    const checkTargets: CheckOptions['checkTargets'] = (groups, job) => {
      if (groups.some((group) => group.targets.includes('bad'))) throw new Error(`bad target of ${job.jobName}`);
    };
    const { errors } = await checkConfig('/p.yml', { ...options, files, checkTargets });
    expect(errors.map(String)).toEqual(['/p.yml: bad target of j']);
  });

  const promtool = sharedDir('promtool');
  it.skipIf(promtool === undefined)('agrees with promtool about its own examples', async () => {
    const verdict = async (name: string): Promise<boolean> =>
      (await checkConfig(path.join(promtool ?? '', name), options)).errors.length === 0;
    expect(await verdict('prometheus-config.good.yml')).toBe(true);
    expect(await verdict('prometheus-config.bad.yml')).toBe(false);
    expect(await verdict('config_with_rule_files.yml')).toBe(false);
    expect(await verdict('config_with_tls_files.yml')).toBe(false);
    expect(await verdict('url_in_scrape_targetgroup_with_relabel_config.good.yml')).toBe(true);
  });
});
