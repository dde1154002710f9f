import { readdirSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import { parseConfig, type ParsedConfig, printConfig } from './config.ts';
import { loadConfigFile } from './load.ts';

function parse(text: string, options: Parameters<typeof parseConfig>[2] = {}): ParsedConfig {
  return parseConfig(text, 'p.yml', options);
}

function problems(text: string, options: Parameters<typeof parseConfig>[2] = {}): string {
  return parse(text, options).errors.map(String).join('\n');
}

const job = (yaml: string): string => `scrape_configs:\n- job_name: j\n  ${yaml.replaceAll('\n', '\n  ')}\n`;

describe('prometheus.yml', () => {
  it('may be empty: everything has a default', () => {
    for (const text of ['', '{}', 'global:\n', 'global: {}\nruntime:\n', '# x']) {
      const { config, errors } = parse(text);
      expect(errors.map(String)).toEqual([]);
      expect(config.global).toMatchObject({
        scrapeIntervalMs: 60_000,
        scrapeTimeoutMs: 10_000,
        evaluationIntervalMs: 60_000,
      });
      expect(config.runtime.gogc).toBe(75);
      expect(config.otlp.translationStrategy).toBe('UnderscoreEscapingWithSuffixes');
    }
  });

  it('gives jobs what the globals say, unless they say it themselves', () => {
    const { config, errors } = parse(
      'global: {scrape_interval: 5s, body_size_limit: 1MB, sample_limit: 7, scrape_native_histograms: true, scrape_failure_log_file: f}\n' +
        'scrape_configs:\n- job_name: a\n- {job_name: b, scrape_interval: 1m, scrape_timeout: 20s, sample_limit: 8, scrape_native_histograms: false}\n',
      { directory: '/etc/p' },
    );
    expect(errors.map(String)).toEqual([]);
    const [a, b] = config.scrapeConfigs;
    expect(a).toMatchObject({
      scrapeIntervalMs: 5000,
      scrapeTimeoutMs: 5000,
      bodySizeLimitBytes: 1_048_576,
      sampleLimit: 7,
      scrapeNativeHistograms: true,
      metricsPath: '/metrics',
      scheme: 'http',
      honorTimestamps: true,
      scrapeFailureLogFile: '/etc/p/f',
      metricNameEscapingScheme: 'allow-utf-8',
    });
    expect(a.scrapeProtocols[0]).toBe('PrometheusProto');
    expect(b).toMatchObject({
      scrapeIntervalMs: 60_000,
      scrapeTimeoutMs: 20_000,
      sampleLimit: 8,
      scrapeNativeHistograms: false,
    });
    expect(b.scrapeProtocols[0]).toBe('OpenMetricsText1.0.0');
  });

  it('works out how names are checked and escaped', () => {
    const scheme = (globals: string, own: string): string => {
      const { config, errors } = parse(`global: {${globals}}\nscrape_configs: [{job_name: j, ${own}}]`);
      const { metricNameValidationScheme, metricNameEscapingScheme } = config.scrapeConfigs[0];
      return errors.length > 0 ? errors[0].message : `${metricNameValidationScheme} ${metricNameEscapingScheme}`;
    };
    expect(scheme('', '')).toBe('utf8 allow-utf-8');
    expect(scheme('metric_name_validation_scheme: legacy', '')).toBe('legacy underscores');
    expect(scheme('', 'metric_name_validation_scheme: legacy')).toBe('legacy underscores');
    expect(scheme('metric_name_escaping_scheme: dots', '')).toBe('utf8 dots');
    expect(scheme('metric_name_escaping_scheme: dots', 'metric_name_validation_scheme: utf8')).toBe('utf8 allow-utf-8');
    expect(scheme('metric_name_validation_scheme: legacy', 'metric_name_escaping_scheme: allow-utf-8')).toContain(
      'validation scheme is not set to UTF8',
    );
    expect(scheme('metric_name_escaping_scheme: x', '')).toContain('unknown global name escaping method');
  });

  it('resolves its paths against its own folder', () => {
    const { config } = parse(
      'global: {query_log_file: q.log}\nrule_files: [a.yml, /abs/b.yml, ../c/*.yml]\n' +
        job(
          'tls_config: {ca_file: ca.pem}\nfile_sd_configs: [{files: [t/*.json]}]\nhttp_headers: {X: {files: [h]}}\noauth2: {client_id: a, token_url: b, client_secret_file: s, tls_config: {ca_file: o.pem}}',
        ),
      { directory: '/etc/p' },
    );
    expect(config.global.queryLogFile).toBe('/etc/p/q.log');
    expect(config.ruleFiles).toEqual(['/etc/p/a.yml', '/abs/b.yml', '/etc/c/*.yml']);
    const { httpClient, discovery } = config.scrapeConfigs[0];
    expect(httpClient.tls.caFile).toBe('/etc/p/ca.pem');
    expect(httpClient.oauth2).toMatchObject({ clientSecretFile: '/etc/p/s', tls: { caFile: '/etc/p/o.pem' } });
    expect(httpClient.headers?.get('X')?.files).toEqual(['/etc/p/h']);
    expect(discovery.file[0].files).toEqual(['/etc/p/t/*.json']);
  });

  it('expands the environment in external labels, and says what was empty', () => {
    const text =
      'global:\n  external_labels: {a: "$HOST-${ZONE}", b: "$$5", c: "${MISSING}x", d: "100$", e: "${}${", f: "$1"}\n';
    const { config, warnings } = parse(text, { env: { HOST: 'h', ZONE: 'z' } });
    expect(config.global.externalLabels.toJSON()).toEqual({ a: 'h-z', b: '$5', c: 'x', d: '100$' });
    expect(warnings.join()).toContain('environment variable MISSING is empty');
  });

  it.each([
    [
      'global: {scrape_interval: 5s, scrape_timeout: 6s}',
      'p.yml:1:47: global.scrape_timeout: global scrape timeout greater than scrape interval',
    ],
    ['global: {external_labels: {"": x}}', '"" is not a valid label name'],
    ['global: {metric_name_validation_scheme: legacy, external_labels: {"a b": x}}', '"a b" is not a valid label name'],
    ['global: {scrape_protocols: []}', 'scrape_protocols cannot be empty for global config'],
    ['rule_files: ["a/*/b.yml"]', 'p.yml:1:14: rule_files[0]: invalid rule file path "a/*/b.yml"'],
    [
      job('scrape_interval: 5s\nscrape_timeout: 6s'),
      'p.yml:4:19: scrape_configs[0].scrape_timeout: scrape timeout greater than scrape interval for scrape config with job name "j"',
    ],
    [
      'scrape_configs: [{job_name: a}, {job_name: b}, {job_name: a}]',
      'p.yml:1:59: scrape_configs[2].job_name: found multiple scrape configs with job name "a"',
    ],
    ['scrape_configs: [{}]', 'p.yml:1:18: scrape_configs[0]: job_name is empty'],
    [
      job('scrape_protocols: [PrometheusText2]'),
      'unknown scrape protocol PrometheusText2, supported: [OpenMetricsText0.0.1',
    ],
    [
      job('fallback_scrape_protocol: x'),
      'invalid fallback_scrape_protocol for scrape config with job name "j": unknown scrape protocol x',
    ],
    [job('static_configs: [{targets: ["http://a"]}]'), '"http://a" is not a valid hostname'],
    [job('static_configs: [{targets: a}]'), 'cannot use "a" as a list'],
    [
      job('static_configs: [{labels: {a: [b]}}]'),
      'scrape_configs[0].static_configs[0].labels.a: cannot use a list here',
    ],
    [job('consul_sd_configs: [{server: ""}]'), 'consul SD configuration requires a server address'],
    [job('consul_sd_configs: [{username: u, basic_auth: {}}]'), 'username and password and basic auth'],
    [
      job('dns_sd_configs: [{names: [a], type: A}]'),
      'a port is required in DNS-SD configs for all record types except SRV',
    ],
    [job('dns_sd_configs: [{names: [a], type: TXT}]'), 'invalid DNS-SD records type TXT'],
    [job('docker_sd_configs: [{}]'), 'host missing'],
    [job('dockerswarm_sd_configs: [{host: a, role: x}]'), 'invalid role x, expected tasks, services, or nodes'],
    [job('file_sd_configs: [{files: [a.txt]}]'), 'path name "a.txt" is not valid for file discovery'],
    [job('file_sd_configs: [{}]'), 'file service discovery config must contain at least one path name'],
    [job('http_sd_configs: [{url: "ftp://x"}]'), "URL scheme must be 'http' or 'https'"],
    [job('nomad_sd_configs: [{server: " "}]'), 'nomad SD configuration requires a server address'],
    [
      job('kubernetes_sd_configs: [{}]'),
      'role missing (one of: pod, service, endpoints, endpointslice, node, ingress)',
    ],
    [
      job('kubernetes_sd_configs: [{role: pod, selectors: [{role: pod, label: "a in (b"}]}]'),
      'unable to parse requirement in label selector',
    ],
    [job('kubernetes_sd_configs: [{role: pod, selectors: [{role: pod, field: "a"}]}]'), 'invalid selector'],
    [
      job('kubernetes_sd_configs: [{role: pod, selectors: [{role: pod}, {role: pod}]}]'),
      'duplicated selector role: pod',
    ],
    [job('vultr_sd_configs: [{}]'), 'Vultr service discovery (vultr_sd_configs) is not available yet'],
    [job('vultr_sd_configs: [{prot: 1}]'), 'field prot not found in vultr_sd_config, did you mean port?'],
    [
      job('relabel_configs: [{action: replace}]'),
      "relabel configuration for replace action requires 'target_label' value",
    ],
    [job('relabel_configs: [{regex: "a(", target_label: b}]'), 'relabel_configs[0].regex: error parsing regexp'],
    [
      'alerting: {alertmanagers: [{api_version: v1}]}',
      'expected Alertmanager api version to be one of [v2] but got v1',
    ],
    [
      'alerting: {alert_relabel_configs: [{action: hashmod, target_label: a}]}',
      'alerting.alert_relabel_configs[0]: relabel configuration for hashmod requires non-zero modulus',
    ],
    [
      'remote_write: [{url: "http://a", write_relabel_configs: [{action: keepequal}]}]',
      "relabel configuration for keepequal action requires 'target_label' value",
    ],
    ['remote_write: [{url: "http://a", basic_auth: {}, sigv4: {}}]', 'Currently configured: [basic_auth sigv4]'],
    ['remote_write: [{url: "http://a", azuread: {}}]', 'must provide an Azure Managed Identity'],
    ['remote_write: [{url: "http://a:b"}]', 'invalid port ":b" after host'],
    ['remote_read: [{url: a, name: x}, {url: b, name: x}]', 'found multiple remote read configs with job name "x"'],
    ['otlp: {translation_strategy: x}', 'unsupported OTLP translation strategy "x"'],
    ['tracing: {endpoint: a, client_type: x}', 'expected tracing client type'],
    ['storage: {tsdb: {retention: {percentage: 101}}}', 'must be in the range [0, 100], got 101'],
    [
      'scrape_config: []',
      'p.yml:1:1: scrape_config: field scrape_config not found in the configuration, did you mean scrape_configs?',
    ],
  ])('%j is refused', (text, expected) => {
    expect(problems(text)).toContain(expected);
  });

  it('reports mistakes of several sections at once, each once', () => {
    const text =
      'global: {scrape_intervall: 1s}\nscrape_configs:\n- {job_name: a, scheme: [x]}\n- {job_name: b, relabel_configs: [{regex: "("}]}\nrule_files: 3\n';
    expect(parse(text).errors.map((e) => e.path)).toEqual([
      'global.scrape_intervall',
      'scrape_configs[0].scheme',
      'scrape_configs[1].relabel_configs[0].regex',
      'rule_files',
    ]);
  });

  it('has no alerts, rules and remote reads in agent mode', () => {
    const text = 'rule_files: [a]\nremote_read: [{url: a}]\nalerting: {alertmanagers: [{}]}\n';
    expect(problems(text)).toBe('');
    expect(problems(text, { agentMode: true }).match(/not allowed in agent mode/g)).toHaveLength(3);
  });

  it('never throws, whatever the text', () => {
    const part = fc.constantFrom(
      'global:',
      '\n',
      '  ',
      '    ',
      '- ',
      'scrape_configs:',
      'job_name: ',
      'a',
      'relabel_configs:',
      'regex: ',
      '(',
      'remote_write:',
      'url: ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '&a ',
      '*a',
      '<<: ',
      'static_configs:',
      'targets: ',
      '5s',
      '"',
      '~',
      'tls_config:',
      'external_labels:',
      '$X',
      '\u00e9',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const { config, errors } = parse(parts.join(''));
        if (errors.length === 0) expect(parse(printConfig(config)).errors.map(String)).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('the printed configuration', () => {
  const text = [
    'global: {external_labels: {zone: a, n2: "1", n10: b}}',
    'scrape_configs:',
    '- job_name: j',
    '  basic_auth: {username: u, password: hunter2}',
    '  http_headers: {X-Key: {secrets: [hunter2]}}',
    '  body_size_limit: 15MB',
    '  params: {module: [m]}',
    '  relabel_configs: [{source_labels: [a, "b c"], target_label: d}]',
    '  static_configs: [{targets: [x]}]',
    '  consul_sd_configs: [{token: hunter2}]',
    'remote_write: [{url: "http://u:hunter2@h/"}]',
    '',
  ].join('\n');

  it('is what Prometheus prints', () => {
    const { config, errors } = parse(text);
    expect(errors.map(String)).toEqual([]);
    const printed = printConfig(config);
    expect(printed).toBe(
      `global:
  scrape_interval: 1m
  scrape_timeout: 10s
  evaluation_interval: 1m
  external_labels:
    n2: "1"
    n10: b
    zone: a
  metric_name_validation_scheme: utf8
  scrape_native_histograms: false
  extra_scrape_metrics: false
runtime:
  gogc: 75
scrape_configs:
- job_name: j
  honor_timestamps: true
  track_timestamps_staleness: false
  params:
    module:
    - m
  scrape_interval: 1m
  scrape_timeout: 10s
  scrape_protocols:
  - OpenMetricsText1.0.0
  - OpenMetricsText0.0.1
  - PrometheusText1.0.0
  - PrometheusText0.0.4
  scrape_native_histograms: false
  always_scrape_classic_histograms: false
  convert_classic_histograms_to_nhcb: false
  metrics_path: /metrics
  scheme: http
  enable_compression: true
  body_size_limit: 15MiB
  metric_name_validation_scheme: utf8
  metric_name_escaping_scheme: allow-utf-8
  extra_scrape_metrics: false
  basic_auth:
    username: u
    password: <secret>
  follow_redirects: true
  enable_http2: true
  http_headers:
    X-Key:
      secrets:
      - <secret>
  relabel_configs:
  - source_labels: [a, b c]
    separator: ;
    target_label: d
    replacement: $1
    action: replace
  consul_sd_configs:
  - server: localhost:8500
    token: <secret>
    tag_separator: ','
    scheme: http
    allow_stale: true
    refresh_interval: 30s
    follow_redirects: true
    enable_http2: true
  static_configs:
  - targets:
    - x
storage:
  tsdb:
    outofordertimewindow: 0
    retention: {}
remote_write:
- url: http://u:xxxxx@h/
  remote_timeout: 30s
  protobuf_message: prometheus.WriteRequest
  follow_redirects: true
  enable_http2: false
  queue_config:
    capacity: 10000
    max_shards: 50
    min_shards: 1
    max_samples_per_send: 2000
    batch_send_deadline: 5s
    min_backoff: 30ms
    max_backoff: 5s
  metadata_config:
    send: true
    send_interval: 1m
    max_samples_per_send: 2000
otlp:
  translation_strategy: UnderscoreEscapingWithSuffixes
  label_name_underscore_sanitization: true
  label_name_preserve_multiple_underscores: true
`,
    );
  });

  it('reads back as itself', () => {
    const printed = printConfig(parse(text).config);
    const again = parse(printed);
    expect(again.errors.map(String)).toEqual([]);
    expect(printConfig(again.config)).toBe(printed);
  });

  it('keeps its secrets, in every other form, too', () => {
    const { config } = parse(text);
    for (const form of [printConfig(config), JSON.stringify(config), inspect(config, { depth: 20 })]) {
      expect(form).not.toContain('hunter2');
    }
  });
});

const shared = sharedDir('config');

describe.skipIf(shared === undefined)("Prometheus's configurations", () => {
  const directory = shared ?? '';
  const names = shared === undefined ? [] : readdirSync(directory).filter((name) => name.endsWith('.yml'));
  const isBad = (name: string): boolean =>
    name.includes('.bad.') || ['first.rules.yml', 'otlp_allow_utf8.incompatible.yml'].includes(name);

  it.each(names)('%s', async (name) => {
    const { errors } = await loadConfigFile(path.join(directory, name), { env: {} });
    // Providers that are not there yet are refused, but nothing else is wrong with them.
    const wrong = errors.map(String).filter((message) => !message.includes('is not available yet'));
    expect([name, wrong, wrong.length > 0]).toEqual([name, expect.any(Array), isBad(name)]);
    for (const error of errors) expect(error.message).not.toBe('');
  });

  it.each(names.filter((name) => name.startsWith('agent_mode')))('%s is judged by the mode', async (name) => {
    const { errors } = await loadConfigFile(path.join(directory, name), { agentMode: true });
    expect([name, errors.length > 0]).toEqual([name, name.includes('.with_')]);
  });
});

const examples = sharedDir('examples');

describe.skipIf(examples === undefined)("Prometheus's examples", () => {
  const directory = examples ?? '';
  const names = examples === undefined ? [] : readdirSync(directory).filter((name) => /^prometheus.*\.yml$/.test(name));

  it.each(names)('%s', async (name) => {
    const { errors } = await loadConfigFile(path.join(directory, name));
    expect(errors.map(String).filter((message) => !message.includes('is not available yet'))).toEqual([]);
  });
});
