import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import {
  BodyTooLargeError,
  createHttpClient,
  defaultHttpClientConfig,
  type GetOptions,
  type HttpClient,
  HttpClientError,
  Outbound,
} from '../httpclient/index.ts';
import { Labels } from '../model/index.ts';
import { ManualClock, Registry, silentLogger, systemClock } from '../runtime/index.ts';
import type { ScrapeConfig } from './config.ts';
import { MemoryStore } from './memory-store.ts';
import { acceptHeader } from './page-parser.ts';
import { ScrapeManager } from './scrape-manager.ts';

const job: ScrapeConfig = {
  jobName: 'j',
  honorLabels: false,
  honorTimestamps: true,
  trackTimestampsStaleness: false,
  params: new Map(),
  scrapeIntervalMs: 10_000,
  scrapeTimeoutMs: 5000,
  scrapeProtocols: ['OpenMetricsText1.0.0', 'PrometheusText0.0.4'],
  fallbackScrapeProtocol: '',
  scrapeNativeHistograms: false,
  alwaysScrapeClassicHistograms: false,
  convertClassicHistogramsToNhcb: false,
  scrapeFailureLogFile: '',
  metricsPath: '/metrics',
  scheme: 'http',
  enableCompression: true,
  bodySizeLimitBytes: 0,
  sampleLimit: 0,
  targetLimit: 0,
  labelLimit: 0,
  labelNameLengthLimit: 0,
  labelValueLengthLimit: 0,
  nativeHistogramBucketLimit: 0,
  nativeHistogramMinBucketFactor: 0,
  keepDroppedTargets: 0,
  metricNameValidationScheme: 'utf8',
  metricNameEscapingScheme: 'allow-utf-8',
  extraScrapeMetrics: false,
  httpClient: defaultHttpClientConfig(),
  relabelConfigs: [],
  metricRelabelConfigs: [],
  discovery: { static: [] } as unknown as ScrapeConfig['discovery'],
};

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly error?: Error;
}

/** A manager whose targets answer what `answers` says, on a clock that is moved by hand. */
class House {
  readonly clock = new ManualClock(1_000_000);
  readonly store = new MemoryStore();
  readonly requests: { url: string; options: GetOptions | undefined }[] = [];
  answer: Answer = { body: 'a 1\n' };
  readonly manager: ScrapeManager;

  constructor() {
    const client = {
      get: (url: string, options?: GetOptions) => {
        this.requests.push({ url, options });
        const { status = 200, type = 'text/plain', body = '', error } = this.answer;
        if (error) return Promise.reject(error);
        return Promise.resolve({
          status,
          headers: { 'content-type': type },
          body: Buffer.from(body),
          wireBytes: 0,
          url,
        });
      },
      close: () => Promise.resolve(),
    } as unknown as HttpClient;
    this.manager = new ScrapeManager({
      clock: this.clock,
      logger: silentLogger,
      registry: new Registry(),
      appendable: this.store,
      seed: 's',
      httpClient: () => client,
    });
  }

  async start(config: Partial<ScrapeConfig> = {}, addresses = ['h:1']): Promise<void> {
    await this.manager.apply([{ ...job, ...config }]);
    this.discover(...addresses);
  }

  discover(...addresses: string[]): void {
    const targets = addresses.map((address) => Labels.from({ __address__: address }));
    this.manager.update(new Map([['j', [{ source: 's', labels: Labels.EMPTY, targets }]]]));
  }

  /** Lets one interval pass; what was stored, without the job's labels, times as distance from the first sample of the interval. */
  async interval(ms = 10_000): Promise<string[]> {
    await this.clock.advance(ms);
    return this.store.drain().map((line) => line.replace(/, instance="h:1", job="j"/, ''));
  }

  get target() {
    return this.manager.pools[0]!.targets[0]!;
  }
}

const names = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/ @\d+$/, '').replace(/^\{__name__="(\w+)".*\}/, '$1'));
const ups = (lines: readonly string[]) => names(lines).filter((line) => line.startsWith('up '));

describe('ScrapeManager', () => {
  it('scrapes each interval and reports on it', async () => {
    const house = new House();
    await house.start();
    expect(house.target.health).toBe('unknown');
    expect(names(await house.interval())).toEqual([
      'a 1',
      'up 1',
      'scrape_duration_seconds 0',
      'scrape_samples_scraped 1',
      'scrape_samples_post_metric_relabeling 1',
      'scrape_series_added 1',
    ]);
    expect(names(await house.interval())).toContain('scrape_series_added 0');
    expect(house.target.health).toBe('up');
    const { url, options } = house.requests[0]!;
    expect(url).toBe('http://h:1/metrics');
    expect(options).toMatchObject({ timeoutMs: 5000, headers: { 'x-prometheus-scrape-timeout-seconds': '5' } });
  });

  it('adds what is asked for besides', async () => {
    const house = new House();
    await house.start({ extraScrapeMetrics: true, sampleLimit: 7, bodySizeLimitBytes: 100 });
    expect(names(await house.interval())).toEqual(
      expect.arrayContaining(['scrape_timeout_seconds 5', 'scrape_sample_limit 7', 'scrape_body_size_bytes 4']),
    );
    expect(house.requests[0]!.options!.maxBytes).toBe(99);
    house.answer = { error: new BodyTooLargeError('u', 99) };
    expect(names(await house.interval())).toEqual(
      expect.arrayContaining(['a stale', 'up 0', 'scrape_body_size_bytes -1']),
    );
    expect(house.target.lastError).toBe('body size limit exceeded');
  });

  it.each<[string, Answer, string]>([
    ['a status', { status: 404 }, 'server returned HTTP status 404 Not Found'],
    ['no connection', { error: new HttpClientError('connection', 'connect ECONNREFUSED') }, 'connect ECONNREFUSED'],
    [
      'no content type',
      { type: '', body: 'a 1\n' },
      'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target',
    ],
    ['a broken page', { body: '!' }, 'expected a valid start token, got "!" ("INVALID") while parsing: "!"'],
  ])('is down after %s, and ends the series', async (_, answer, error) => {
    const house = new House();
    await house.start();
    await house.interval();
    house.answer = answer;
    expect(names(await house.interval()).slice(0, 2)).toEqual(['a stale', 'up 0']);
    expect([house.target.health, house.target.lastError]).toEqual(['down', error]);
    house.answer = { body: 'a 1\n' };
    expect(names(await house.interval()).slice(0, 2)).toEqual(['a 1', 'up 1']);
    expect([house.target.health, house.target.lastError]).toEqual(['up', '']);
  });

  it('takes an empty page for a target without metrics, whatever its type', async () => {
    const house = new House();
    await house.start();
    await house.interval();
    house.answer = { type: '', body: '' };
    expect(names(await house.interval()).slice(0, 2)).toEqual(['a stale', 'up 1']);
  });

  it('reads pages without a useful type as the fallback says', async () => {
    const house = new House();
    house.answer = { type: 'text/html', body: 'a 1\n' };
    await house.start({ fallbackScrapeProtocol: 'PrometheusText0.0.4' });
    expect(ups(await house.interval())).toEqual(['up 1']);
  });

  it('ends the series of a target that is gone after two intervals and a bit, unless it is back', async () => {
    const house = new House();
    await house.start();
    await house.interval();
    house.discover();
    expect(await house.interval(20_000)).toEqual([]);
    expect(names(await house.interval(1100)).sort()).toEqual([
      'a stale',
      'scrape_duration_seconds stale',
      'scrape_samples_post_metric_relabeling stale',
      'scrape_samples_scraped stale',
      'scrape_series_added stale',
      'up stale',
    ]);
    house.discover('h:1');
    await house.interval();
    house.discover();
    house.discover('h:1');
    expect((await house.interval(40_000)).filter((line) => line.includes('stale'))).toEqual([]);
  });

  it('fails every target of a job with too many', async () => {
    const house = new House();
    await house.start({ targetLimit: 1 }, ['h:1', 'h:2']);
    expect(ups(await house.interval())).toEqual(['up 0', 'up 0']);
    expect(house.target.lastError).toBe('target_limit exceeded (number of targets: 2, limit: 1)');
    expect(house.requests).toEqual([]);
    house.discover('h:1');
    expect(ups(await house.interval(30_000))).toContain('up 1');
  });

  it('leaves an unchanged job alone on reload, and keeps the state of a changed one', async () => {
    const house = new House();
    await house.start();
    await house.interval();
    const { target } = house;
    await house.manager.apply([{ ...job }]);
    expect(house.target).toBe(target);
    await house.manager.apply([{ ...job, sampleLimit: 100 }]);
    expect(house.target).not.toBe(target);
    expect(house.target.health).toBe('up');
    expect(names(await house.interval())).toContain('scrape_series_added 0');
    // Another way to name series: those that do not come back under their names end.
    const rename = {
      sourceLabels: [],
      separator: ';',
      regex: '(.*)',
      modulus: 0,
      targetLabel: 'x',
      replacement: 'y',
      action: 'replace',
    } as const;
    await house.manager.apply([{ ...job, metricRelabelConfigs: [rename] }]);
    expect(names(await house.interval())).toEqual(expect.arrayContaining(['a 1', 'a stale', 'scrape_series_added 1']));
  });

  it('stops at once when closed, and writes no markers', async () => {
    const house = new House();
    await house.start();
    await house.interval();
    await house.manager.close();
    await house.manager.close();
    expect(await house.interval(60_000)).toEqual([]);
  });

  it('takes ticks a little late for their time', async () => {
    const house = new House();
    await house.start();
    const first = Number(/@(\d+)$/.exec((await house.interval())[0]!)![1]);
    const second = Number(/@(\d+)$/.exec((await house.interval())[0]!)![1]);
    expect(second - first).toBe(10_000);
  });

  it('lists dropped targets with what was known of them', async () => {
    const house = new House();
    const drop = {
      sourceLabels: ['__address__'],
      separator: ';',
      regex: 'h:2',
      modulus: 0,
      targetLabel: '',
      replacement: '$1',
      action: 'drop',
    } as const;
    await house.start({ relabelConfigs: [drop] }, ['h:1', 'h:2', '']);
    const [pool] = house.manager.pools;
    expect(pool!.targets).toHaveLength(1);
    expect(
      pool!.dropped.targets.map(({ discoveredLabels, reason }) => [discoveredLabels.get('__address__'), reason]),
    ).toEqual([
      ['h:2', undefined],
      ['', 'no address'],
    ]);
  });

  it('lets relabelling choose path, parameters and interval of a target', async () => {
    const house = new House();
    const set = (targetLabel: string, replacement: string) =>
      ({
        sourceLabels: [],
        separator: ';',
        regex: '(.*)',
        modulus: 0,
        targetLabel,
        replacement,
        action: 'replace',
      }) as const;
    await house.start({
      params: new Map([['module', ['a', 'b']]]),
      relabelConfigs: [
        set('__metrics_path__', '/probe'),
        set('__param_module', 'x y'),
        set('__scrape_interval__', '20s'),
        set('__convert_classic_histograms_to_nhcb__', 'true'),
      ],
    });
    expect(house.target).toMatchObject({
      url: 'http://h:1/probe?module=x+y&module=b',
      intervalMs: 20_000,
      histograms: { convertsClassic: true },
    });
    expect(house.target.labels.toString()).toBe('{instance="h:1", job="j"}');
  });
});

describe('acceptHeader', () => {
  it('weighs the protocols as Prometheus does', () => {
    expect(
      acceptHeader({
        ...job,
        scrapeProtocols: ['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4'],
      }),
    ).toBe(
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
        'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    );
  });
});

describe('the scrape failure log', () => {
  const dirs: string[] = [];
  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
  });

  it('has a line for each failure', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'failures-'));
    dirs.push(dir);
    const file = path.join(dir, 'log.json');
    const house = new House();
    house.answer = { status: 500 };
    await house.start({ scrapeFailureLogFile: file });
    await house.interval();
    await house.manager.close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      level: 'ERROR',
      msg: 'server returned HTTP status 500 Internal Server Error',
      job_name: 'j',
      target: 'http://h:1/metrics',
    });
  });

  it('refuses a configuration whose log cannot be opened, before anything changes', async () => {
    const house = new House();
    await expect(house.start({ scrapeFailureLogFile: '/dev/null/nowhere' })).rejects.toThrow(
      /Cannot open the scrape failure log/,
    );
    expect(house.manager.pools).toEqual([]);
  });
});

describe('over the network', () => {
  const node = sharedDir('node_exporter');
  const live = sharedDir('live-metrics');

  it.skipIf(node === undefined || live === undefined)('stores real pages, whole and again', async () => {
    const plain = new Map<string, { type: string; body: Buffer }>();
    plain.set('/node', { type: 'text/plain; version=0.0.4', body: readFileSync(path.join(node!, 'e2e-output.txt')) });
    for (const name of readdirSync(live!)) {
      const body = readFileSync(path.join(live!, name));
      if (name.endsWith('.prom')) plain.set(`/${name}`, { type: 'text/plain', body });
      if (name.includes('protobuf')) {
        const type = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
        plain.set(`/${name}`, { type, body: Buffer.from(body.toString(), 'base64') });
      }
    }
    const pages = new Map([...plain].map(([name, { type, body }]) => [name, { type, body: gzipSync(body) }]));
    const server = createServer((request, response) => {
      const page = pages.get(request.url!)!;
      response.writeHead(200, { 'content-type': page.type, 'content-encoding': 'gzip' }).end(page.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const store = new MemoryStore();
    const manager = new ScrapeManager({
      clock: systemClock,
      logger: silentLogger,
      registry: new Registry(),
      appendable: store,
      seed: 's',
      httpClient: (config) => createHttpClient({ kind: 'scrape', outbound: new Outbound(), config }),
    });
    try {
      // Times in the pages are long past, and no concern of this test.
      await manager.apply([{ ...job, scrapeIntervalMs: 2000, scrapeTimeoutMs: 2000, honorTimestamps: false }]);
      const targets = [...pages.keys()].map((page) =>
        Labels.from({ __address__: `127.0.0.1:${port}`, __metrics_path__: page, page }),
      );
      manager.update(new Map([['j', [{ source: 's', labels: Labels.EMPTY, targets }]]]));
      await expect
        .poll(
          () =>
            targets.map(
              (t) =>
                store.lines.filter((l) => l.startsWith('{__name__="up"') && l.includes(`"${t.get('page')}"`)).length,
            ),
          { timeout: 15_000 },
        )
        .toEqual(targets.map(() => expect.toSatisfy((n: number) => n >= 2) as number));
      expect(manager.pools[0]!.targets.map(({ url, lastError }) => [url, lastError])).toEqual(
        manager.pools[0]!.targets.map(({ url }) => [url, '']),
      );
      const samples = store.lines.filter((l) => l.startsWith('{__name__="scrape_samples_scraped"'));
      for (const line of samples) expect(Number(/\} (\d+) /.exec(line)![1])).toBeGreaterThan(10);
      expect(store.lines.filter((l) => l.includes(' stale @'))).toEqual([]);
    } finally {
      await manager.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
