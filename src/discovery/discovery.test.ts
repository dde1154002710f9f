import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ManualClock, Registry, silentLogger, systemClock } from '../runtime/index.ts';
import type { HttpClient, HttpClientConfig } from '../httpclient/index.ts';
import { DiscoveryManager, type DiscoveryConfig, type DnsResolver, type TargetGroup } from './index.ts';

const noResolver: DnsResolver = {
  srv: () => Promise.reject(new Error('no such name')),
  a: () => Promise.reject(new Error('no such name')),
  aaaa: () => Promise.reject(new Error('no such name')),
  mx: () => Promise.reject(new Error('no such name')),
  ns: () => Promise.reject(new Error('no such name')),
};

function harness(options: { clock?: ManualClock; resolver?: Partial<DnsResolver>; get?: HttpClient['get'] } = {}) {
  const updates: ReadonlyMap<string, readonly TargetGroup[]>[] = [];
  const registry = new Registry();
  const client = { get: options.get ?? (() => Promise.reject(new Error('no client'))), close: () => Promise.resolve() };
  const manager = new DiscoveryManager(
    {
      clock: options.clock ?? systemClock,
      logger: silentLogger,
      registry,
      name: 'scrape',
      resolver: { ...noResolver, ...options.resolver },
      httpClient: () => client as unknown as HttpClient,
    },
    (update) => updates.push(update),
  );
  const targets = (job: string) => (updates.at(-1)?.get(job) ?? []).flatMap((group) => group.targets.map(String));
  const labels = (job: string) => (updates.at(-1)?.get(job) ?? []).map((group) => String(group.labels));
  const metric = (name: string) => registry.collect().find((family) => family.name === name)?.samples[0]?.value;
  return { manager, updates, targets, labels, metric };
}

const group = (targets: string[], labels: Record<string, string> = {}) => ({
  targets,
  labels: new Map(Object.entries(labels)),
});
const statics = (...targets: string[]): DiscoveryConfig => ({ kind: 'static', config: [group(targets, { a: '1' })] });

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(condition()).toBe(true);
}

describe('static discovery', () => {
  it('gives the configured addresses with the labels of their group', async () => {
    const clock = new ManualClock();
    const h = harness({ clock });
    h.manager.apply(new Map([['j', [statics('a:1', 'b:2')]]]));
    await clock.advance(1);
    expect(h.targets('j')).toEqual(['{__address__="a:1"}', '{__address__="b:2"}']);
    expect(h.labels('j')).toEqual(['{a="1"}']);
    await h.manager.close();
  });

  it('leaves no trace of the old addresses after a reload, and tells at once', async () => {
    const clock = new ManualClock();
    const h = harness({ clock });
    h.manager.apply(
      new Map([
        ['j', [statics('a:1')]],
        ['k', []],
      ]),
    );
    await clock.advance(10_000);
    h.manager.apply(
      new Map([
        ['j', [statics('b:2')]],
        ['k', []],
      ]),
    );
    await clock.advance(1);
    expect(h.targets('j')).toEqual(['{__address__="b:2"}']);
    expect(h.updates.at(-1)!.get('k')).toEqual([]);
    await h.manager.close();
  });
});

describe('DNS discovery', () => {
  const srv = { names: ['_x._tcp.test'], refreshIntervalMs: 30_000, type: 'SRV', port: 0 };

  it('makes a target of each record, with the meta labels Prometheus has', async () => {
    const clock = new ManualClock();
    const h = harness({ clock, resolver: { srv: () => Promise.resolve([{ name: 'h1.test.', port: 9100 }]) } });
    h.manager.apply(new Map([['j', [{ kind: 'dns', config: srv }]]]));
    await clock.advance(6000);
    expect(h.targets('j')).toEqual([
      '{__address__="h1.test:9100", __meta_dns_name="_x._tcp.test", __meta_dns_srv_record_port="9100", __meta_dns_srv_record_target="h1.test."}',
    ]);
    await h.manager.close();
  });

  it('brackets IPv6 addresses', async () => {
    const clock = new ManualClock();
    const h = harness({ clock, resolver: { aaaa: () => Promise.resolve(['::1']) } });
    h.manager.apply(new Map([['j', [{ kind: 'dns', config: { ...srv, type: 'aaaa', port: 80 } }]]]));
    await clock.advance(6000);
    expect(h.targets('j')[0]).toContain('__address__="[::1]:80"');
    await h.manager.close();
  });

  it('keeps the targets of a name that no longer resolves, and counts the failure', async () => {
    const clock = new ManualClock();
    let works = true;
    const h = harness({
      clock,
      resolver: { a: () => (works ? Promise.resolve(['10.0.0.1']) : Promise.reject(new Error('SERVFAIL'))) },
    });
    h.manager.apply(new Map([['j', [{ kind: 'dns', config: { ...srv, type: 'A', port: 80 } }]]]));
    await clock.advance(6000);
    works = false;
    await clock.advance(60_000);
    expect(h.targets('j')).toHaveLength(1);
    expect(h.metric('prometheus_sd_refresh_failures_total')).toBeGreaterThan(0);
    await h.manager.close();
  });
});

describe('HTTP discovery', () => {
  const config = { httpClient: {} as HttpClientConfig, refreshIntervalMs: 10_000, url: 'http://sd.test/targets' };
  const answer = (body: string, contentType = 'application/json', status = 200) =>
    Promise.resolve({
      status,
      headers: { 'content-type': contentType },
      body: Buffer.from(body),
      wireBytes: body.length,
      url: config.url,
    });

  it('takes the groups of the document, and drops those a later document lacks', async () => {
    const clock = new ManualClock();
    let body = '[{"targets":["a:1"],"labels":{"x":"y"}},{"targets":["b:2"]}]';
    const h = harness({ clock, get: () => answer(body, 'application/json; charset=utf-8') });
    h.manager.apply(new Map([['j', [{ kind: 'http', config }]]]));
    await clock.advance(6000);
    expect(h.targets('j')).toEqual(['{__address__="a:1"}', '{__address__="b:2"}']);
    expect(h.labels('j')[0]).toBe('{__meta_url="http://sd.test/targets", x="y"}');
    body = '[{"targets":["a:1"]}]';
    await clock.advance(20_000);
    expect(h.targets('j')).toEqual(['{__address__="a:1"}']);
    await h.manager.close();
  });

  it.each([
    ['not JSON', answer('{')],
    ['not a list', answer('{}')],
    ['a number for a target', answer('[{"targets":[1]}]')],
    ['an unknown key', answer('[{"targets":[],"lables":{}}]')],
    ['a label that is no text', answer('[{"targets":[],"labels":{"a":1}}]')],
    ['HTML', answer('[]', 'text/html')],
    ['an error status', answer('[]', 'application/json', 500)],
  ])('keeps what it had when it is answered with %s', async (_what, bad) => {
    const clock = new ManualClock();
    let first = true;
    const h = harness({ clock, get: () => (first ? answer('[{"targets":["a:1"]}]') : bad) });
    h.manager.apply(new Map([['j', [{ kind: 'http', config }]]]));
    await clock.advance(6000);
    first = false;
    await clock.advance(30_000);
    expect(h.targets('j')).toEqual(['{__address__="a:1"}']);
    expect(h.metric('prometheus_sd_refresh_failures_total')).toBeGreaterThan(0);
    await h.manager.close();
  });
});

describe('file discovery', () => {
  it('follows files as they are written, broken, mended and removed', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'yagura-sd-'));
    const file = path.join(dir, 'a.yml');
    writeFileSync(file, '- targets: [a:1]\n  labels: {x: y}\n');
    writeFileSync(path.join(dir, 'b.json'), '[{"targets":["b:2"]}]');
    writeFileSync(path.join(dir, 'other.txt'), 'no');
    const h = harness();
    const config = { files: [path.join(dir, '*.yml'), path.join(dir, 'b.json')], refreshIntervalMs: 500 };
    h.manager.apply(new Map([['j', [{ kind: 'file', config }]]]));
    const addresses = () => h.targets('j').join();
    await until(() => addresses() === '{__address__="a:1"},{__address__="b:2"}');
    expect(h.labels('j')[0]).toBe(`{__meta_filepath="${file}", x="y"}`);
    writeFileSync(file, '- targets: [a:1\n');
    await until(() => (h.metric('prometheus_sd_refresh_failures_total') ?? 0) > 0);
    expect(addresses()).toContain('a:1');
    writeFileSync(file, '- targets: [c:3]\n');
    unlinkSync(path.join(dir, 'b.json'));
    await until(() => addresses() === '{__address__="c:3"}');
    await h.manager.close();
    rmSync(dir, { recursive: true });
  }, 30_000);
});

describe('DiscoveryManager', () => {
  it('refuses a discovery that cannot be run before it changes anything', async () => {
    const clock = new ManualClock();
    const h = harness({ clock });
    h.manager.apply(new Map([['j', [statics('a:1')]]]));
    await clock.advance(1);
    const consul = { kind: 'consul', config: {} } as unknown as DiscoveryConfig;
    expect(() => {
      h.manager.apply(new Map([['j', [consul]]]));
    }).toThrow('consul_sd_configs: this discovery is not available yet');
    expect(h.targets('j')).toEqual(['{__address__="a:1"}']);
    await h.manager.close();
  });

  it('runs one provider for two jobs with the same discovery, and leaves it alone on reload', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const resolver = { a: () => Promise.resolve([`10.0.0.${++asked}`]) };
    const h = harness({ clock, resolver });
    const dns: DiscoveryConfig = {
      kind: 'dns',
      config: { names: ['x'], refreshIntervalMs: 3_600_000, type: 'A', port: 1 },
    };
    h.manager.apply(
      new Map([
        ['j', [dns]],
        ['k', [{ ...dns }]],
      ]),
    );
    await clock.advance(6000);
    h.manager.apply(
      new Map([
        ['j', [dns]],
        ['k', [dns, statics('s:1')]],
      ]),
    );
    await clock.advance(6000);
    expect(asked).toBe(1);
    expect(h.targets('k')).toHaveLength(2);
    await h.manager.close();
  });
});
