import {
  type ConfigUrl,
  configUrl,
  http1ClientConfigSchema,
  type HttpClientConfig,
  httpClientConfigSchema,
  sigV4Schema,
  type SigV4Config,
} from '../httpclient/index.ts';
import { checkLabelName, type RelabelConfig, relabelConfigSchema } from '../model/index.ts';
import {
  boolean,
  type Check,
  duration,
  field,
  inline,
  int,
  list,
  mapOf,
  object,
  type ObjectSchema,
  optional,
  type Schema,
  string,
} from '../schema/index.ts';
import { type AzureAdConfig, azureAdSchema, type GoogleIamConfig, googleIamSchema } from './auth-config.ts';

/** The protobuf message of remote write 1.0 or 2.0. */
export type WriteMessage = 'prometheus.WriteRequest' | 'io.prometheus.write.v2.Request';

/** How samples queue on their way to one remote. */
export interface QueueConfig {
  /** Samples a shard buffers before it blocks. */
  readonly capacity: number;
  readonly maxShards: number;
  readonly minShards: number;
  readonly maxSamplesPerSend: number;
  readonly batchSendDeadlineMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly retryOnRateLimit: boolean;
  /** Older samples are dropped; 0: never. */
  readonly sampleAgeLimitMs: number;
}

export interface MetadataConfig {
  readonly send: boolean;
  readonly sendIntervalMs: number;
  readonly maxSamplesPerSend: number;
}

/** One remote that samples are written to. */
export interface RemoteWriteConfig {
  readonly url: ConfigUrl;
  readonly remoteTimeoutMs: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly writeRelabelConfigs: readonly RelabelConfig[];
  /** Empty, or unique among the remotes. */
  readonly name: string;
  readonly sendExemplars: boolean;
  readonly sendNativeHistograms: boolean;
  /** Each connection goes to another of the addresses the name resolves to. */
  readonly roundRobinDns: boolean;
  readonly protobufMessage: WriteMessage;
  readonly failedRequestLogging: boolean;
  readonly httpClient: HttpClientConfig;
  readonly queue: QueueConfig;
  readonly metadata: MetadataConfig;
  readonly sigv4: SigV4Config | undefined;
  readonly azureAd: AzureAdConfig | undefined;
  readonly googleIam: GoogleIamConfig | undefined;
}

/** One remote that queries are also sent to. */
export interface RemoteReadConfig {
  readonly url: ConfigUrl;
  readonly remoteTimeoutMs: number;
  /** Largest frame of a chunked answer, in bytes. */
  readonly chunkedReadLimitBytes: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Also for times the local storage has in full. */
  readonly readRecent: boolean;
  readonly name: string;
  readonly httpClient: HttpClientConfig;
  /** Only selectors with all these equalities are sent. */
  readonly requiredMatchers: ReadonlyMap<string, string>;
  readonly filterExternalLabels: boolean;
}

const queueSchema = object<QueueConfig>({
  name: 'queue_config',
  fields: {
    capacity: field('capacity', int(), { default: 10_000 }),
    maxShards: field('max_shards', int(), { default: 50 }),
    minShards: field('min_shards', int(), { default: 1 }),
    maxSamplesPerSend: field('max_samples_per_send', int(), { default: 2000 }),
    batchSendDeadlineMs: field('batch_send_deadline', duration(), { default: 5000 }),
    minBackoffMs: field('min_backoff', duration(), { default: 30 }),
    maxBackoffMs: field('max_backoff', duration(), { default: 5000 }),
    retryOnRateLimit: field('retry_on_http_429', boolean()),
    sampleAgeLimitMs: field('sample_age_limit', duration()),
  },
});

const metadataSchema = object<MetadataConfig>({
  name: 'metadata_config',
  fields: {
    send: field('send', boolean(), { default: true, isAlwaysPrinted: true }),
    sendIntervalMs: field('send_interval', duration(), { default: 60_000, isAlwaysPrinted: true }),
    maxSamplesPerSend: field('max_samples_per_send', int(), { default: 2000 }),
  },
});

const writeMessages: readonly string[] = ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'];

/** One entry of `remote_write`. Its relabelling is checked with the names the globals allow. */
export const remoteWriteConfigSchema: ObjectSchema<RemoteWriteConfig> = object<RemoteWriteConfig>({
  name: 'remote_write',
  fields: {
    url: field('url', configUrl() as Schema<ConfigUrl>, {
      required: 'url for remote_write is empty',
      isAlwaysPrinted: true,
    }),
    remoteTimeoutMs: field('remote_timeout', duration(), { default: 30_000 }),
    headers: field('headers', mapOf(string())),
    writeRelabelConfigs: field(
      'write_relabel_configs',
      list(relabelConfigSchema, { nullItem: 'empty or null relabeling rule in remote write config' }),
    ),
    name: field('name', string()),
    sendExemplars: field('send_exemplars', boolean()),
    sendNativeHistograms: field('send_native_histograms', boolean()),
    roundRobinDns: field('round_robin_dns', boolean()),
    protobufMessage: field('protobuf_message', string() as Schema<string> as Schema<WriteMessage>, {
      default: 'prometheus.WriteRequest',
    }),
    failedRequestLogging: field('failed_request_logging', boolean()),
    httpClient: inline(http1ClientConfigSchema),
    queue: field('queue_config', queueSchema, { default: () => queueSchema.defaults() }),
    metadata: field('metadata_config', metadataSchema, { default: () => metadataSchema.defaults() }),
    sigv4: field('sigv4', optional(sigV4Schema)),
    azureAd: field('azuread', optional(azureAdSchema)),
    googleIam: field('google_iam', optional(googleIamSchema)),
  },
  refine(config, check) {
    const headers = headerProblem(config.headers);
    if (headers !== undefined) check.fail(headers, 'headers');
    if (!writeMessages.includes(config.protobufMessage)) {
      check.fail(
        `invalid protobuf_message value: unknown type for remote write protobuf message ${config.protobufMessage}, supported: ${writeMessages.join(', ')}`,
        'protobufMessage',
      );
    }
    checkQueue(config, check);
    checkAuth(config, check);
  },
});

function checkQueue(config: RemoteWriteConfig, check: Check<RemoteWriteConfig>): void {
  const { queue } = config;
  const wrong: readonly (readonly [isWrong: boolean, property: keyof QueueConfig, message: string])[] = [
    [queue.maxShards <= 0, 'maxShards', 'max_shards must be positive'],
    [queue.minShards <= 0, 'minShards', 'min_shards must be positive'],
    [queue.minShards > queue.maxShards, 'minShards', 'min_shards must not be greater than max_shards'],
    [queue.maxSamplesPerSend <= 0, 'maxSamplesPerSend', 'max_samples_per_send must be positive'],
    [queue.capacity <= 0, 'capacity', 'capacity must be positive'],
    [queue.maxBackoffMs < queue.minBackoffMs, 'maxBackoffMs', 'max_backoff must not be less than min_backoff'],
  ];
  const first = wrong.find(([isWrong]) => isWrong);
  if (first === undefined) return;
  const [, property, message] = first;
  if (check.has('queue') && check.decoder.origin(queue)) {
    check.decoder.failObject(queue, property, `remote write queue ${message}`);
  } else check.fail(`remote write queue ${message}`, 'queue');
}

function checkAuth(config: RemoteWriteConfig, check: Check<RemoteWriteConfig>): void {
  const configured = [
    ['basic_auth', config.httpClient.basicAuth],
    ['authorization', config.httpClient.authorization],
    ['oauth2', config.httpClient.oauth2],
    ['sigv4', config.sigv4],
    ['azuread', config.azureAd],
    ['google_iam', config.googleIam],
  ].flatMap(([name, value]) => (value === undefined ? [] : [name as string]));
  if (configured.length > 1) {
    check.fail(
      `at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [${configured.join(' ')}]`,
    );
  }
}

/** Headers that remote write and read set themselves. */
const reservedHeaders = new Set([
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

/** What is wrong with the extra headers of a remote, or nothing. */
export function headerProblem(
  headers: ReadonlyMap<string, string>,
  authorization = 'authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter',
): string | undefined {
  for (const name of headers.keys()) {
    if (name.toLowerCase() === 'authorization') return authorization;
    if (reservedHeaders.has(name.toLowerCase())) return `${name} is a reserved header. It must not be changed`;
  }
  return undefined;
}

/** One entry of `remote_read`. */
export const remoteReadConfigSchema: ObjectSchema<RemoteReadConfig> = object<RemoteReadConfig>({
  name: 'remote_read',
  fields: {
    url: field('url', configUrl() as Schema<ConfigUrl>, {
      required: 'url for remote_read is empty',
      isAlwaysPrinted: true,
    }),
    remoteTimeoutMs: field('remote_timeout', duration(), { default: 60_000 }),
    chunkedReadLimitBytes: field('chunked_read_limit', int({ min: 0 }), { default: 50_000_000 }),
    headers: field('headers', mapOf(string())),
    readRecent: field('read_recent', boolean()),
    name: field('name', string()),
    httpClient: inline(httpClientConfigSchema),
    requiredMatchers: field('required_matchers', mapOf(string(), { checkKey: checkLabelName })),
    filterExternalLabels: field('filter_external_labels', boolean(), { default: true }),
  },
  refine(config, check) {
    const headers = headerProblem(config.headers);
    if (headers !== undefined) check.fail(headers, 'headers');
  },
});
