import { type HttpClientConfig, httpClientConfigSchema, parseGoUrl } from '../httpclient/index.ts';
import { duration, field, inline, object, type ObjectSchema, string } from '../schema/index.ts';

/** Target groups fetched as JSON. */
export interface HttpSdConfig {
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly url: string;
}

export const httpSdConfigSchema: ObjectSchema<HttpSdConfig> = object<HttpSdConfig>({
  name: 'http_sd_config',
  fields: {
    httpClient: inline(httpClientConfigSchema),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 60_000 }),
    url: field('url', string(), { required: 'URL is missing', isAlwaysPrinted: true }),
  },
  refine(config, check) {
    const problem = httpUrlProblem(config.url);
    if (problem !== undefined) check.fail(problem, 'url');
  },
});

/** What keeps a text from being the address of an HTTP service, or nothing. */
export function httpUrlProblem(url: string): string | undefined {
  try {
    const { scheme, host } = parseGoUrl(url);
    if (scheme !== 'http' && scheme !== 'https') return "URL scheme must be 'http' or 'https'";
    return host === '' ? 'host is missing in URL' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What keeps a text from being a URL as Go parses them, or nothing. */
export function urlProblem(url: string): string | undefined {
  try {
    parseGoUrl(url);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
