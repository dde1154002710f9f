import { type HttpClientConfig, httpClientConfigSchema } from '../httpclient/index.ts';
import { boolean, duration, field, inline, object, type ObjectSchema, string } from '../schema/index.ts';

/** Targets from the services registered with Nomad. */
export interface NomadSdConfig {
  readonly allowStale: boolean;
  readonly httpClient: HttpClientConfig;
  readonly namespace: string;
  readonly refreshIntervalMs: number;
  readonly region: string;
  readonly server: string;
  readonly tagSeparator: string;
}

export const nomadSdConfigSchema: ObjectSchema<NomadSdConfig> = object<NomadSdConfig>({
  name: 'nomad_sd_config',
  fields: {
    allowStale: field('allow_stale', boolean(), { default: true, isAlwaysPrinted: true }),
    httpClient: inline(httpClientConfigSchema),
    namespace: field('namespace', string(), { default: 'default', isAlwaysPrinted: true }),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 60_000, isAlwaysPrinted: true }),
    region: field('region', string(), { default: 'global', isAlwaysPrinted: true }),
    server: field('server', string(), { default: 'http://localhost:4646', isAlwaysPrinted: true }),
    tagSeparator: field('tag_separator', string(), { default: ',' }),
  },
  refine(config, check) {
    if (config.server.trim() === '') check.fail('nomad SD configuration requires a server address', 'server');
  },
});
