import { type HttpClientConfig, httpClientConfigSchema, parseGoUrl } from '../httpclient/index.ts';
import { duration, field, inline, object, type ObjectSchema, string } from '../schema/index.ts';
import { urlProblem } from './http-config.ts';

/** Targets from a Eureka registry. */
export interface EurekaSdConfig {
  /** The URL of the registry's REST interface, such as `http://eureka:8761/eureka`. */
  readonly server: string;
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
}

export const eurekaSdConfigSchema: ObjectSchema<EurekaSdConfig> = object<EurekaSdConfig>({
  name: 'eureka_sd_config',
  fields: {
    server: field('server', string(), { required: 'eureka_sd: empty or null eureka server' }),
    httpClient: inline(httpClientConfigSchema),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 30_000 }),
  },
  refine(config, check) {
    const problem =
      urlProblem(config.server) ?? (isAbsolute(config.server) ? undefined : 'eureka_sd: invalid eureka server URL');
    if (problem !== undefined) check.fail(problem, 'server');
  },
});

function isAbsolute(url: string): boolean {
  const { scheme, host } = parseGoUrl(url);
  return scheme !== '' && host !== '';
}
