import { type HttpClientConfig, httpClientConfigSchema } from '../httpclient/index.ts';
import {
  boolean,
  type Check,
  duration,
  field,
  inline,
  int,
  list,
  object,
  type ObjectSchema,
  type Schema,
  string,
} from '../schema/index.ts';
import { urlProblem } from './http-config.ts';

/** A filter of Docker's list calls: any of the values. */
export interface DockerFilter {
  readonly name: string;
  readonly values: readonly string[];
}

/** Targets from the containers of one Docker daemon. */
export interface DockerSdConfig {
  readonly httpClient: HttpClientConfig;
  /** `unix:///var/run/docker.sock`, `tcp://…` or `http(s)://…`. */
  readonly host: string;
  /** For containers that expose none. */
  readonly port: number;
  readonly filters: readonly DockerFilter[];
  /** The address of containers on the host's own network. */
  readonly hostNetworkingHost: string;
  readonly refreshIntervalMs: number;
  /** Only the first network of a container makes targets. */
  readonly matchFirstNetwork: boolean;
}

export type DockerSwarmRole = 'services' | 'nodes' | 'tasks';

/** Targets from a Docker swarm. */
export interface DockerSwarmSdConfig {
  readonly httpClient: HttpClientConfig;
  readonly host: string;
  readonly role: DockerSwarmRole;
  readonly port: number;
  readonly filters: readonly DockerFilter[];
  readonly refreshIntervalMs: number;
}

const filters = list(
  object<DockerFilter>({
    name: 'filter',
    fields: {
      name: field('name', string(), { isAlwaysPrinted: true }),
      values: field('values', list(string()), { isAlwaysPrinted: true }),
    },
  }),
);

/** Any word: which ones are roles is checked with the rest, so that a missing one is named as such. */
const role = string() as Schema<string> as Schema<DockerSwarmRole>;

export const dockerSdConfigSchema: ObjectSchema<DockerSdConfig> = object<DockerSdConfig>({
  name: 'docker_sd_config',
  fields: {
    httpClient: inline(httpClientConfigSchema),
    host: field('host', string(), { isAlwaysPrinted: true }),
    port: field('port', int(), { default: 80, isAlwaysPrinted: true }),
    filters: field('filters', filters, { isAlwaysPrinted: true }),
    hostNetworkingHost: field('host_networking_host', string(), { default: 'localhost', isAlwaysPrinted: true }),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 60_000, isAlwaysPrinted: true }),
    matchFirstNetwork: field('match_first_network', boolean(), { default: true, isAlwaysPrinted: true }),
  },
  refine(config, check) {
    checkHost(config.host, check);
  },
});

export const dockerSwarmSdConfigSchema: ObjectSchema<DockerSwarmSdConfig> = object<DockerSwarmSdConfig>({
  name: 'dockerswarm_sd_config',
  fields: {
    httpClient: inline(httpClientConfigSchema),
    host: field('host', string(), { isAlwaysPrinted: true }),
    role: field('role', role, { isAlwaysPrinted: true }),
    port: field('port', int(), { default: 80, isAlwaysPrinted: true }),
    filters: field('filters', filters, { isAlwaysPrinted: true }),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 60_000, isAlwaysPrinted: true }),
  },
  refine(config, check) {
    checkHost(config.host, check);
    if ((config.role as string) === '') check.fail('role missing (one of: tasks, services, nodes)', 'role');
    else if (!['services', 'nodes', 'tasks'].includes(config.role)) {
      check.fail(`invalid role ${config.role}, expected tasks, services, or nodes`, 'role');
    }
  },
});

function checkHost(host: string, check: Check<DockerSdConfig> | Check<DockerSwarmSdConfig>): void {
  const problem = host === '' ? 'host missing' : urlProblem(host);
  if (problem !== undefined) check.fail(problem, 'host');
}
