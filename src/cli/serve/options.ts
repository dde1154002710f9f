import { parseDuration } from '../../model/index.ts';
import type { LogFormat, LogLevel } from '../../runtime/index.ts';
import { flagGroups, type Flag } from './flags.ts';

/** A flag's value is not what the flag takes; the message names the flag, the value and what was expected. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

export interface ListenAddress {
  /** `''` listens on every address. */
  readonly host: string;
  readonly port: number;
}

/** The flags of `serve`, parsed. Times in ms, sizes in bytes. */
export interface ServeOptions {
  readonly configFile: string;
  readonly autoReloadIntervalMs: number | undefined;
  readonly agent: boolean;
  readonly features: readonly string[];
  readonly web: {
    readonly listen: readonly ListenAddress[];
    readonly configFile: string | undefined;
    readonly externalUrl: string | undefined;
    readonly routePrefix: string | undefined;
    readonly enableLifecycle: boolean;
    readonly enableAdminApi: boolean;
    readonly enableRemoteWrite: boolean;
    readonly enableOtlp: boolean;
    readonly readTimeoutMs: number;
    readonly maxConnections: number;
    readonly corsOrigins: readonly string[];
    /** Names beside the addresses listened on, the external URL's and this machine's. */
    readonly allowedHosts: readonly string[];
    readonly pageTitle: string;
  };
  readonly access: {
    readonly configFile: string | undefined;
    readonly insecure: boolean;
    readonly insecureExpose: boolean;
  };
  readonly storage: {
    readonly dir: string;
    readonly agentDir: string;
    readonly retentionMs: number | undefined;
    readonly retentionBytes: number | undefined;
    readonly lockfile: boolean;
    readonly walCompression: 'snappy' | 'zstd' | 'none';
  };
  readonly query: {
    readonly lookbackMs: number;
    readonly timeoutMs: number;
    readonly maxConcurrency: number;
    readonly maxSamples: number;
  };
  readonly rules: {
    readonly outageToleranceMs: number;
    readonly gracePeriodMs: number;
    readonly resendDelayMs: number;
    readonly maxConcurrentEvals: number;
  };
  readonly notifications: {
    readonly queueCapacity: number;
    readonly batchSize: number;
    readonly drainOnShutdown: boolean;
  };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** Every flag as text, for /api/v1/status/flags. */
  readonly flags: Readonly<Record<string, string>>;
  /** Flags given that have no effect here. */
  readonly ignored: readonly string[];
}

/** What the command line gave, by flag name: text, `true`/`false` for switches, a list for repeatable flags. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** @throws {FlagError} for the first value that does not fit its flag */
export function parseServeOptions(values: FlagValues): ServeOptions {
  const flags = flagGroups.flatMap((group) => group.flags);
  const text = (name: string): string => {
    const flag = flags.find((f) => f.name === name)!;
    const value = values[name];
    return typeof value === 'string' ? value : (flag.default ?? '');
  };
  const optional = (name: string) => text(name) || undefined;
  const list = (name: string): readonly string[] => {
    const value = values[name];
    if (Array.isArray(value)) return value as readonly string[];
    const fallback = text(name);
    return fallback === '' ? [] : [fallback];
  };
  const enabled = (name: string) => (values[name] ?? flags.find((f) => f.name === name)!.default === 'true') === true;
  const duration = (name: string) => {
    const ms = parseDuration(text(name));
    if (ms === undefined)
      throw new FlagError(`--${name}: ${quoted(text(name))} is not a duration, expected for example 30s, 5m or 1h30m`);
    return ms;
  };
  const whole = (name: string) => {
    if (!/^\d{1,15}$/.test(text(name))) throw new FlagError(`--${name}: ${quoted(text(name))} is not a whole number`);
    return Number(text(name));
  };
  const oneOf = <T extends string>(name: string, choices: readonly T[]): T => {
    const found = choices.find((choice) => choice === text(name));
    if (found === undefined) throw new FlagError(`--${name}: ${quoted(text(name))}, expected ${choices.join(', ')}`);
    return found;
  };

  return {
    configFile: text('config.file'),
    autoReloadIntervalMs: enabled('config.auto-reload') ? duration('config.auto-reload-interval') : undefined,
    agent: enabled('agent'),
    features: list('enable-feature')
      .flatMap((names) => names.split(','))
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    web: {
      listen: list('web.listen-address').map(parseListenAddress),
      configFile: optional('web.config.file'),
      externalUrl: optional('web.external-url'),
      routePrefix: optional('web.route-prefix'),
      enableLifecycle: enabled('web.enable-lifecycle'),
      enableAdminApi: enabled('web.enable-admin-api'),
      enableRemoteWrite: enabled('web.enable-remote-write-receiver'),
      enableOtlp: enabled('web.enable-otlp-receiver'),
      readTimeoutMs: duration('web.read-timeout'),
      maxConnections: whole('web.max-connections'),
      corsOrigins: list('web.cors.origin').filter((origin) => origin !== ''),
      allowedHosts: list('web.allowed-host').filter((name) => name !== ''),
      pageTitle: text('web.page-title'),
    },
    access: {
      configFile: optional('access.config.file'),
      insecure: enabled('insecure'),
      insecureExpose: enabled('insecure-expose'),
    },
    storage: {
      dir: text('storage.tsdb.path'),
      agentDir: text('storage.agent.path'),
      retentionMs: duration('storage.tsdb.retention.time') || undefined,
      retentionBytes: sizeBytes('storage.tsdb.retention.size', text('storage.tsdb.retention.size')),
      lockfile: !enabled('storage.tsdb.no-lockfile'),
      walCompression: oneOf('storage.tsdb.wal-compression-type', ['snappy', 'zstd', 'none']),
    },
    query: {
      lookbackMs: duration('query.lookback-delta'),
      timeoutMs: duration('query.timeout'),
      maxConcurrency: whole('query.max-concurrency'),
      maxSamples: whole('query.max-samples'),
    },
    rules: {
      outageToleranceMs: duration('rules.alert.for-outage-tolerance'),
      gracePeriodMs: duration('rules.alert.for-grace-period'),
      resendDelayMs: duration('rules.alert.resend-delay'),
      maxConcurrentEvals: whole('rules.max-concurrent-evals'),
    },
    notifications: {
      queueCapacity: whole('alertmanager.notification-queue-capacity'),
      batchSize: whole('alertmanager.notification-batch-size'),
      drainOnShutdown: enabled('alertmanager.drain-notification-queue-on-shutdown'),
    },
    log: {
      level: oneOf('log.level', ['debug', 'info', 'warn', 'error']),
      format: oneOf('log.format', ['logfmt', 'json']),
    },
    flags: Object.fromEntries(
      flags.filter((flag) => !flag.ignored).map((flag) => [flag.name, printed(flag, values[flag.name])]),
    ),
    ignored: flags.filter((flag) => flag.ignored === true && values[flag.name] !== undefined).map((flag) => flag.name),
  };
}

function printed(flag: Flag, value: FlagValues[string]): string {
  if (Array.isArray(value)) return value.join(',');
  if (flag.value === undefined) return String(value ?? flag.default === 'true');
  return typeof value === 'string' ? value : (flag.default ?? '');
}

/** @throws {FlagError} unless it is `host:port`, `:port` or `[v6]:port` */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new FlagError(
      `--web.listen-address: ${quoted(text)}, expected host:port, for example 127.0.0.1:9090 or [::1]:9090`,
    );
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

/** Whether only this machine can reach the address. */
export function isLoopback(address: ListenAddress): boolean {
  const host = address.host.toLowerCase();
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 2 ** 10,
  MB: 2 ** 20,
  GB: 2 ** 30,
  TB: 2 ** 40,
  PB: 2 ** 50,
  EB: 2 ** 60,
};

function sizeBytes(name: string, text: string): number | undefined {
  if (text === '' || text === '0') return undefined;
  const match = /^(\d+(?:\.\d+)?)([KMGTPE]?B)$/.exec(text);
  if (match === null)
    throw new FlagError(`--${name}: ${quoted(text)} is not a size, expected for example 512MB or 1.5GB`);
  return Math.floor(Number(match[1]) * units[match[2]!]!);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
