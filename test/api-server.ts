import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessControl, hashToken, type AccessConfig, type PasswordHasher } from '../src/access/index.ts';
import { apiRoutes, pageRoutes, parseSelector, type ApiServices, type TargetStatus } from '../src/api/index.ts';
import { Labels } from '../src/model/index.ts';
import { parseExpr } from '../src/promql/index.ts';
import { QueryService, type Execution, type QueryResult } from '../src/query/index.ts';
import type { RuleGroup } from '../src/rules/index.ts';
import { ManualClock, Registry, silentLogger } from '../src/runtime/index.ts';
import { createServer, type Readiness, type WebServer, type WebServerOptions } from '../src/web/index.ts';
import { floatColumn } from './columns.ts';
import { MemoryStore } from './memory-store.ts';

/** The time in these tests: 2026-11-21T08:36:07.547Z. */
export const NOW = 1_795_250_167_547;
const HOUR = 3_600_000;

/** Passwords are their own hashes' beginnings here: see `passwordHash`. */
const hasher: PasswordHasher = {
  compare: (password, hash) => Promise.resolve(hash === passwordHash(password)),
  close: () => Promise.resolve(),
};

/** A text of bcrypt's form that stands for a password. */
export const passwordHash = (password: string): string => `$2b$10$${hashToken(password).slice(0, 53)}`;

/** One token for each built-in role, an expired one, and a viewer who sees one team only. */
export const tokens = {
  viewer: 'ygr_viewer',
  editor: 'ygr_editor',
  writer: 'ygr_writer',
  admin: 'ygr_admin',
  expired: 'ygr_expired',
  teamA: 'ygr_teamA',
} as const;

export const accessConfig: AccessConfig = {
  anonymous: ['health'],
  basicUsers: { alice: passwordHash('secret'), mallory: passwordHash('other') },
  tokens: Object.entries(tokens).map(([name, token]) => ({
    name,
    sha256: hashToken(token),
    ...(name === 'expired' ? { expiresMs: NOW - HOUR } : {}),
  })),
  roles: {},
  bindings: [
    ...['viewer', 'editor', 'writer', 'admin'].map((role) => ({ token: role, role })),
    { token: 'expired', role: 'admin' },
    { token: 'teamA', role: 'viewer', scope: ['{team="a"}'], limits: 'small' },
    { user: 'alice', role: 'admin' },
  ],
  limits: { small: { maxSeries: 100, maxRangeMs: HOUR, maxResultBytes: 2000 } },
};

export const store = MemoryStore.of(
  [
    { __name__: 'up', team: 'a', instance: 'a1', job: 'node' },
    { __name__: 'up', team: 'b', instance: 'b1', job: 'canary-hidden' },
    { __name__: 'requests_total', team: 'a', instance: 'a1', job: 'node', 'utf8.name': 'ü' },
    { __name__: 'requests_total', team: 'b', instance: 'b1', job: 'canary-hidden' },
  ],
  [NOW - 60_000, NOW],
);

export const stats: QueryResult['stats'] = {
  timings: {
    evalTotalTime: 0.001,
    resultSortTime: 0,
    queryPreparationTime: 0,
    innerEvalTime: 0.001,
    execQueueTime: 0,
    execTotalTime: 0.001,
  },
  samples: { totalQueryableSamples: 2, samplesRead: 2, peakSamples: 2 },
};

/** Knows selectors: gives what the asker's view of the store holds, one sample of value 1 a series. */
async function execute({ expr, time, queryable }: Execution): Promise<QueryResult> {
  parseExpr(expr);
  const [mint, maxt] = time.kind === 'instant' ? [time.t - 300_000, time.t] : [time.startMs - 300_000, time.endMs];
  const set = await queryable.querier(mint, maxt).select(parseSelector(expr, {}), { sorted: true });
  const labels = set.series.map((series) => series.labels);
  const rest = { warnings: [], infos: [], stats };
  if (time.kind === 'instant') {
    const values = new Float64Array(labels.length).fill(1);
    return { type: 'vector', tsMs: time.t, labels, values, histograms: undefined, ...rest };
  }
  const { startMs, endMs, stepMs } = time;
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  const column = floatColumn(new Float64Array(steps).fill(1));
  const grid = { startMs, stepMs, steps };
  return { type: 'matrix', grid, series: labels.map((l) => ({ labels: l, column })), ...rest };
}

export function target(labels: Record<string, string>, more: Partial<TargetStatus> = {}): TargetStatus {
  return {
    labels: Labels.from(labels),
    discoveredLabels: Labels.from({ __address__: `${labels.instance}:9100`, secret_hint: 'canary-hidden' }),
    pool: labels.job ?? 'pool',
    url: `http://${labels.instance}:9100/metrics`,
    lastError: '',
    lastScrapeMs: NOW - 1000,
    lastScrapeSeconds: 0.25,
    health: 'up',
    interval: '15s',
    timeout: '10s',
    metadata: new Map([['up', { type: 'gauge', unit: '', help: `help of ${labels.job ?? ''}` }]]),
    ...more,
  };
}

export interface ApiServer {
  readonly server: WebServer;
  readonly access: AccessControl;
  readonly services: ApiServices;
  readonly clock: ManualClock;
  readonly calls: string[];
  readiness: Readiness;
  close(): Promise<void>;
}

export interface ApiServerOptions {
  readonly web?: Partial<WebServerOptions>;
  readonly services?: Partial<ApiServices>;
  readonly access?: AccessConfig | undefined;
  readonly insecure?: boolean;
  readonly groups?: readonly RuleGroup[];
  readonly engine?: (execution: Execution) => Promise<QueryResult>;
  /** A folder with a built page. */
  readonly page?: string;
}

/** The whole HTTP surface over a handful of series; nothing listens until it is asked to. */
export async function startApi(options: ApiServerOptions = {}): Promise<ApiServer> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'yagura-api-'));
  const clock = new ManualClock(NOW);
  const registry = new Registry();
  const calls: string[] = [];
  const call = (name: string) => {
    calls.push(name);
    return Promise.resolve();
  };
  const access = await AccessControl.open(
    {
      clock,
      logger: silentLogger,
      dataDir,
      insecure: options.insecure ?? false,
      hasher,
      parseSelector: (text) => parseSelector(text, {}),
    },
    options.insecure === true ? {} : { file: options.access ?? accessConfig },
  );
  const queries = new QueryService({
    engine: { execute: options.engine ?? execute },
    clock,
    logger: silentLogger,
    registry,
    maxConcurrency: 4,
    timeoutMs: 120_000,
    maxSamples: 1e6,
    slowMs: 0,
  });
  const services: ApiServices = {
    access,
    clock,
    storage: store,
    exemplars: store,
    queries,
    promql: {},
    targets: {
      pools: () => ['node', 'canary-hidden', 'empty'],
      active: () => [
        target({ job: 'node', instance: 'a1', team: 'a' }),
        target(
          { job: 'canary-hidden', instance: 'b1', team: 'b' },
          { health: 'down', lastError: 'connection refused' },
        ),
      ],
      dropped: () => [{ pool: 'empty', discoveredLabels: Labels.from({ __address__: 'canary-hidden:1' }) }],
      droppedCounts: () => ({ node: 0, empty: 1, 'canary-hidden': 0 }),
    },
    rules: { groups: options.groups ?? [] },
    alertmanagers: { active: () => ['http://am:9093/api/v2/alerts'], dropped: () => [] },
    storageStatus: {
      stats: (limit) => ({
        headStats: { numSeries: 4, numLabelPairs: 9, chunkCount: 4, minTime: NOW - 60_000, maxTime: NOW },
        seriesCountByMetricName: [{ name: 'canary-hidden', value: limit }],
        labelValueCountByLabelName: [],
        memoryInBytesByLabelName: [],
        seriesCountByLabelValuePair: [],
      }),
      walReplay: () => ({ min: 0, max: 3, current: 2 }),
    },
    storageAdmin: {
      deleteSeries: (mint, maxt, matchers) => call(`delete ${mint} ${maxt} ${matchers.map(String).join()}`),
      cleanTombstones: () => call('clean'),
      snapshot: ({ skipHead }) => call(`snapshot ${skipHead}`).then(() => '20261121T083607Z-1'),
    },
    lifecycle: { reload: () => call('reload'), quit: () => void call('quit') },
    metrics: registry,
    buildInfo: { version: '3.5.0', revision: 'r', branch: 'b', buildUser: 'u', buildDate: 'd', goVersion: 'v20' },
    runtimeState: () => ({
      startedMs: NOW - HOUR,
      reloadSucceeded: true,
      lastReloadMs: NOW - HOUR,
      corruptions: 0,
      storageRetention: '15d',
    }),
    configText: () => 'global: {}\n',
    externalLabels: () => Labels.from({ region: 'eu' }),
    flags: { 'web.listen-address': ':9090' },
    features: { api: { admin: true } },
    lookbackMs: 300_000,
    externalUrl: new URL('http://mon.example:9090/'),
    ownPort: () => 9090,
    isAgent: false,
    enableAdminApi: true,
    enableLifecycle: true,
    ...options.services,
  };
  const api: Omit<ApiServer, 'server'> = { access, services, clock, calls, readiness: 'ready', close };
  const page = options.page === undefined ? [] : pageRoutes({ dir: options.page, basePath: '/', title: 'Yagura <1>' });
  const server = await createServer({
    listen: [{ host: '127.0.0.1', port: 0 }],
    routes: [...apiRoutes(services), ...page],
    access,
    clock,
    logger: silentLogger,
    registry,
    readiness: () => result.readiness,
    routePrefix: '',
    corsOrigins: ['https://grafana.example'],
    externalUrl: new URL('http://mon.example:9090/'),
    maxConnections: 100,
    readTimeoutMs: 60_000,
    deadlineMs: 60_000,
    ...options.web,
  });
  const result: ApiServer = Object.assign(api, { server });
  async function close(): Promise<void> {
    await server.close(0);
    await access.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return result;
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
