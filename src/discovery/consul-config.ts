import { type Secret } from '../runtime/index.ts';
import { type HttpClientConfig, httpClientConfigSchema, secret } from '../httpclient/index.ts';
import {
  boolean,
  duration,
  field,
  inline,
  list,
  mapOf,
  object,
  type ObjectSchema,
  string,
  type Writable,
} from '../schema/index.ts';

/** Targets from Consul's catalogue of services. */
export interface ConsulSdConfig {
  readonly server: string;
  readonly pathPrefix: string;
  readonly token: Secret;
  readonly datacenter: string;
  readonly namespace: string;
  readonly partition: string;
  /** Joins the tags in the `__meta_consul_tags` label. */
  readonly tagSeparator: string;
  readonly scheme: string;
  /** With the password: the older form of basic authentication, moved to `httpClient` when loaded. */
  readonly username: string;
  readonly password: Secret;
  /** Whether any server may answer, also one that is behind. */
  readonly allowStale: boolean;
  readonly refreshIntervalMs: number;
  /** Empty for all. */
  readonly services: readonly string[];
  /** A service instance has to have all of them. */
  readonly tags: readonly string[];
  readonly nodeMeta: ReadonlyMap<string, string>;
  readonly filter: string;
  readonly healthFilter: string;
  readonly httpClient: HttpClientConfig;
}

export const consulSdConfigSchema: ObjectSchema<ConsulSdConfig> = object<ConsulSdConfig>({
  name: 'consul_sd_config',
  fields: {
    server: field('server', string(), { default: 'localhost:8500' }),
    pathPrefix: field('path_prefix', string()),
    token: field('token', secret()),
    datacenter: field('datacenter', string()),
    namespace: field('namespace', string()),
    partition: field('partition', string()),
    tagSeparator: field('tag_separator', string(), { default: ',' }),
    scheme: field('scheme', string(), { default: 'http' }),
    username: field('username', string()),
    password: field('password', secret()),
    allowStale: field('allow_stale', boolean(), { default: true, isAlwaysPrinted: true }),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 30_000 }),
    services: field('services', list(string())),
    tags: field('tags', list(string())),
    nodeMeta: field('node_meta', mapOf(string())),
    filter: field('filter', string()),
    healthFilter: field('health_filter', string()),
    httpClient: inline(httpClientConfigSchema),
  },
  refine(config, check) {
    const { httpClient } = config;
    const hasLogin = config.username !== '' || !config.password.isEmpty;
    if (config.server.trim() === '') {
      check.fail('consul SD configuration requires a server address', 'server');
    } else if (hasLogin && httpClient.basicAuth !== undefined) {
      check.fail('at most one of consul SD configuration username and password and basic auth can be configured');
    } else if (!config.token.isEmpty && (httpClient.authorization ?? httpClient.oauth2) !== undefined) {
      check.fail('at most one of consul SD token, authorization, or oauth2 can be configured', 'token');
    } else if (hasLogin && (httpClient.authorization ?? httpClient.oauth2) !== undefined) {
      check.fail('at most one of basic_auth, oauth2 & authorization must be configured');
    } else if (hasLogin) {
      (httpClient as Writable<HttpClientConfig>).basicAuth = {
        username: config.username,
        usernameFile: '',
        usernameRef: '',
        password: config.password,
        passwordFile: '',
        passwordRef: '',
      };
    }
  },
});
