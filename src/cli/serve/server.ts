import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AccessControl } from '../../access/index.ts';
import { apiRoutes, pageRoutes, parseSelector, type ApiServices } from '../../api/index.ts';
import { DiscoveryManager, listDiscoveries, type DiscoveryConfig, type DnsResolver } from '../../discovery/index.ts';
import { createHttpClient, Outbound, resolveRecords, type HttpClientConfig } from '../../httpclient/index.ts';
import { formatDuration, Labels, type Matcher } from '../../model/index.ts';
import { QueryService } from '../../query/index.ts';
import { alertTemplates, RuleManager } from '../../rules/index.ts';
import { Registry, registerProcessMetrics, systemClock, type Logger } from '../../runtime/index.ts';
import { ScrapeManager } from '../../scrape/index.ts';
import { openDb } from '../../tsdb/index.ts';
import { createServer, type Readiness, type WebServer } from '../../web/index.ts';
import { VERSION } from '../version.ts';
import { buildInfo, registerBuildInfo } from './build-info.ts';
import type { Configuration } from './configuration.ts';
import { exposureProblem } from './exposure.ts';
import { featureTable, languageOf } from './language.ts';
import { nodeMetricsRoute } from './node-metrics.ts';
import type { ServeOptions } from './options.ts';
import { Engines } from './query-engine.ts';
import { Reloader } from './reloader.ts';
import { selfClient, type Listener } from './self-scrape.ts';
import { LateStorage } from './storage.ts';
import { targetSource } from './target-source.ts';
import { accessSources, protectionOf, readProtection, type ProtectionFiles } from './protection.ts';

const USER_AGENT = `Yagura/${VERSION}`;

/** Queries that take longer are logged. */
const SLOW_QUERY_MS = 10_000;

/** Requests under way when the server stops get this long to end. */
const CLOSE_GRACE_MS = 5000;

export interface ServerParts {
  readonly options: ServeOptions;
  readonly configuration: Configuration;
  readonly protection: ProtectionFiles;
  readonly logger: Logger;
  /** Asks the process to end. */
  readonly quit: () => void;
}

/** The whole server: every part, put together and started in order. */
export class Server {
  readonly access: AccessControl;
  readonly #parts: ServerParts;
  readonly #storage: LateStorage;
  readonly #web: WebServer;
  readonly #scrape: ScrapeManager;
  readonly #discovery: DiscoveryManager;
  readonly #rules: RuleManager;
  readonly #reloader: Reloader;
  readonly #registry: Registry;
  readonly #stopMetrics: () => void;
  readonly #state: ServerState;

  private constructor(fields: {
    parts: ServerParts;
    access: AccessControl;
    storage: LateStorage;
    web: WebServer;
    scrape: ScrapeManager;
    discovery: DiscoveryManager;
    rules: RuleManager;
    reloader: Reloader;
    registry: Registry;
    stopMetrics: () => void;
    state: ServerState;
  }) {
    this.#parts = fields.parts;
    this.access = fields.access;
    this.#storage = fields.storage;
    this.#web = fields.web;
    this.#scrape = fields.scrape;
    this.#discovery = fields.discovery;
    this.#rules = fields.rules;
    this.#reloader = fields.reloader;
    this.#registry = fields.registry;
    this.#stopMetrics = fields.stopMetrics;
    this.#state = fields.state;
  }

  /**
   * Puts the parts together and listens; nothing is scraped before `start`.
   *
   * @throws {Error} when an address cannot be listened on or the credential of the first start cannot be made
   */
  static async open(parts: ServerParts): Promise<Server> {
    const { options, configuration, protection, logger } = parts;
    const { web } = protection;
    const clock = systemClock;
    const registry = new Registry();
    registerBuildInfo(registry);
    const stopMetrics = registerProcessMetrics(registry);
    const state: ServerState = { readiness: 'starting', listeners: [], startedMs: clock.now() };
    const access = await AccessControl.open(
      {
        clock,
        logger,
        dataDir: options.storage.dir,
        insecure: options.access.insecure,
        parseSelector: selectorsOf(options),
      },
      accessSources(protection),
    );
    const outbound = new Outbound();
    const httpClient = (kind: 'scrape' | 'discovery') => (config: HttpClientConfig) =>
      createHttpClient({ kind, outbound, config, userAgent: USER_AGENT, env: process.env });
    const storage = new LateStorage();
    const reloaderRef: { current?: Reloader } = {};
    const webServerRef: { current?: WebServer } = {};
    const inForce = () => reloaderRef.current?.current ?? configuration;
    const engines = new Engines(options, clock, () => inForce().loaded.config.global.evaluationIntervalMs);
    const externalUrl = externalUrlOf(options);
    const evaluate = engines.evaluateOver(storage);
    const scrape = new ScrapeManager({
      clock,
      logger,
      registry,
      appendable: storage,
      seed: `${process.env.HOSTNAME ?? ''}${externalLabelsOf(configuration)}`,
      httpClient: httpClient('scrape'),
      selfClient: (url, config) =>
        selfClient(url, config, {
          listeners: () => state.listeners,
          token: access.selfScrape.token,
          outbound,
          userAgent: USER_AGENT,
        }),
    });
    const discovery = new DiscoveryManager(
      { clock, logger, registry, name: 'scrape', resolver: systemResolver, httpClient: httpClient('discovery') },
      (groups) => {
        scrape.update(groups);
      },
    );
    const rules = new RuleManager({
      clock,
      logger,
      registry,
      appendable: storage,
      queryable: storage,
      evaluate,
      expand: (name, source, data) =>
        alertTemplates({
          externalLabels: externalLabelsOf(inForce()),
          externalUrl: externalUrl.href,
          evaluate,
          now: () => clock.now(),
        })(name, source, data),
      notify: () => {},
      restore: { outageToleranceMs: options.rules.outageToleranceMs, gracePeriodMs: options.rules.gracePeriodMs },
      resendDelayMs: options.rules.resendDelayMs,
    });
    const queries = new QueryService({
      engine: engines.queryEngine,
      clock,
      logger,
      registry,
      maxConcurrency: options.query.maxConcurrency,
      timeoutMs: options.query.timeoutMs,
      maxSamples: options.query.maxSamples,
      slowMs: SLOW_QUERY_MS,
    });
    const reloader = new Reloader(configuration, {
      file: options.configFile,
      clock,
      logger,
      registry,
      promql: languageOf(options.features),
      agent: options.agent,
      apply: async (next) => {
        await reloadProtection(options, access, webServerRef.current);
        await applyConfiguration(next, { scrape, discovery, rules });
      },
    });
    reloaderRef.current = reloader;
    const services: ApiServices = {
      access,
      clock,
      storage,
      exemplars: storage,
      queries,
      promql: languageOf(options.features),
      targets: targetSource(scrape),
      rules,
      alertmanagers: { active: () => [], dropped: () => [] },
      storageStatus: storage.status,
      storageAdmin: storage.admin,
      lifecycle: { reload: () => reloader.reload(), quit: parts.quit },
      metrics: registry,
      buildInfo,
      runtimeState: () => ({
        startedMs: state.startedMs,
        reloadSucceeded: reloader.succeeded,
        lastReloadMs: reloader.lastReloadMs,
        corruptions: storage.corruptions,
        storageRetention: retentionText(options),
      }),
      configText: () => reloader.text(),
      externalLabels: () => externalLabelsOf(inForce()),
      flags: options.flags,
      features: featureTable(languageOf(options.features)),
      lookbackMs: options.query.lookbackMs,
      externalUrl,
      ownPort: () => state.listeners[0]?.port ?? 0,
      isAgent: options.agent,
      enableAdminApi: options.web.enableAdminApi,
      enableLifecycle: options.web.enableLifecycle,
    };
    const routePrefix = routePrefixOf(options, externalUrl);
    const webServer = await createServer({
      listen: options.web.listen,
      routes: [
        ...apiRoutes(services),
        nodeMetricsRoute(),
        ...pageRoutes({ dir: pageDir(), basePath: `${routePrefix}/`, title: options.web.pageTitle }),
      ],
      access,
      clock,
      logger,
      registry,
      readiness: () => state.readiness,
      ...(options.web.externalUrl === undefined ? {} : { externalUrl }),
      routePrefix,
      corsOrigins: options.web.corsOrigins,
      ...(web?.tls === undefined ? {} : { tls: web.tls }),
      ...(web === undefined
        ? {}
        : { http2: web.config.http.http2, headers: Object.fromEntries(web.config.http.headers) }),
      maxConnections: options.web.maxConnections,
      readTimeoutMs: options.web.readTimeoutMs,
      deadlineMs: options.query.timeoutMs + 10_000,
    });
    webServerRef.current = webServer;
    await webServer.listen();
    state.listeners = webServer.addresses.map(({ address, port }): Listener => ({ address, port }));
    return new Server({
      ...{ parts, access, storage, web: webServer, scrape, discovery, rules, reloader, registry, stopMetrics, state },
    });
  }

  /** Where the server listens. */
  get listeners(): readonly Listener[] {
    return this.#state.listeners;
  }

  /**
   * Opens the storage, then scrapes and evaluates.
   *
   * @throws {Error} when the storage cannot be opened
   */
  async start(): Promise<void> {
    const { options, configuration, logger } = this.#parts;
    const { storage } = options;
    const db = await openDb({
      dir: storage.dir,
      clock: systemClock,
      logger,
      registry: this.#registry,
      ...(storage.retentionMs === undefined ? {} : { retentionMs: storage.retentionMs }),
      ...(storage.retentionBytes === undefined ? {} : { retentionBytes: storage.retentionBytes }),
      noLock: !storage.lockfile,
      walCompression: storage.walCompression,
      onReplayProgress: ({ min, max, current }) => {
        this.#storage.replaying(min, max, current);
      },
    });
    this.#storage.open(db);
    await applyConfiguration(configuration, { scrape: this.#scrape, discovery: this.#discovery, rules: this.#rules });
    if (options.autoReloadIntervalMs !== undefined) this.#reloader.watch(options.autoReloadIntervalMs);
    if (this.#state.readiness === 'starting') this.#state.readiness = 'ready';
  }

  /** Reads the configuration again. @throws {Error} when it is not fit for use; the old one stays */
  reload(): Promise<void> {
    return this.#reloader.reload();
  }

  /** Stops everything in the order that loses nothing. Safe to call twice. */
  async close(): Promise<void> {
    this.#state.readiness = 'stopping';
    this.#reloader.close();
    await this.#discovery.close();
    await Promise.all([this.#scrape.close(), this.#rules.close()]);
    await this.#web.close(CLOSE_GRACE_MS);
    await this.#storage.close();
    await this.access.close();
    this.#stopMetrics();
  }
}

interface ServerState {
  readiness: Readiness;
  listeners: readonly Listener[];
  readonly startedMs: number;
}

/** Users, roles and certificates are read again with the configuration; files that are not fit for use change nothing. */
async function reloadProtection(
  options: ServeOptions,
  access: AccessControl,
  web: WebServer | undefined,
): Promise<void> {
  const files = await readProtection(
    { web: options.web.configFile, access: options.access.configFile },
    selectorsOf(options),
  );
  if (files.errors.length > 0) throw new Error(files.errors.map(String).join('\n'));
  const protection = protectionOf(files);
  const problem = exposureProblem(options, protection);
  if (problem !== undefined) throw new Error(problem);
  await access.reconfigure(accessSources(files));
  if (files.web === undefined) return;
  const { http } = files.web.config;
  web?.reconfigure({
    headers: Object.fromEntries(http.headers),
    ...(files.web.tls === undefined ? {} : { tls: files.web.tls }),
  });
}

async function applyConfiguration(
  { loaded, ruleGroups }: Configuration,
  { scrape, discovery, rules }: { scrape: ScrapeManager; discovery: DiscoveryManager; rules: RuleManager },
): Promise<void> {
  const jobs = new Map<string, readonly DiscoveryConfig[]>(
    loaded.scrapeConfigs.map((config) => [config.jobName, listDiscoveries(config.discovery)]),
  );
  await scrape.apply(loaded.scrapeConfigs);
  discovery.apply(jobs);
  await rules.apply(ruleGroups);
}

function externalLabelsOf({ loaded }: Configuration): Labels {
  return Labels.fromPairs(loaded.config.global.externalLabels);
}

function externalUrlOf({ web }: ServeOptions): URL {
  if (web.externalUrl !== undefined) return new URL(web.externalUrl);
  const [{ host, port }] = web.listen;
  const name =
    host === '' || host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return new URL(`http://${name}:${port}`);
}

function routePrefixOf({ web }: ServeOptions, externalUrl: URL): string {
  const prefix = web.routePrefix ?? externalUrl.pathname;
  const trimmed = prefix.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? '' : `/${trimmed}`;
}

function retentionText({ storage }: ServeOptions): string {
  const parts: string[] = [];
  if (storage.retentionMs !== undefined) parts.push(formatDuration(storage.retentionMs));
  if (storage.retentionBytes !== undefined) parts.push(`${storage.retentionBytes}B`);
  return parts.join(' or ');
}

function pageDir(): string {
  // The built program lies in dist/src/cli/serve, the page in dist/ui.
  return path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../ui');
}

const systemResolver: DnsResolver = {
  srv: async (name) => (await resolveRecords(name, 'SRV')).map(({ host, port }) => ({ name: host, port })),
  a: async (name) => (await resolveRecords(name, 'A')).map(({ host }) => host),
  aaaa: async (name) => (await resolveRecords(name, 'AAAA')).map(({ host }) => host),
  mx: async (name) => (await resolveRecords(name, 'MX')).map(({ host }) => host),
  ns: async (name) => (await resolveRecords(name, 'NS')).map(({ host }) => host),
};

/** Reads the series selectors of scopes, in the language the server speaks. */
export function selectorsOf({ features }: ServeOptions): (selector: string) => readonly Matcher[] {
  const language = languageOf(features);
  return (selector) => parseSelector(selector, language);
}
