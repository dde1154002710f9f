import { type Secret } from '../runtime/index.ts';
import { type HttpClientConfig, httpClientConfigSchema, secret } from '../httpclient/index.ts';
import { duration, field, inline, int, list, object, type ObjectSchema, string } from '../schema/index.ts';

export interface Ec2Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** Targets from the instances of Amazon EC2. */
export interface Ec2SdConfig {
  readonly endpoint: string;
  /** Empty: from the environment or the instance's own metadata. */
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: Secret;
  readonly profile: string;
  readonly roleArn: string;
  readonly externalId: string;
  readonly refreshIntervalMs: number;
  readonly port: number;
  readonly filters: readonly Ec2Filter[];
  readonly httpClient: HttpClientConfig;
}

const filter = object<Ec2Filter>({
  name: 'filter',
  fields: {
    name: field('name', string(), { isAlwaysPrinted: true }),
    values: field('values', list(string()), {
      required: 'EC2 SD configuration filter values cannot be empty',
      isAlwaysPrinted: true,
    }),
  },
});

export const ec2SdConfigSchema: ObjectSchema<Ec2SdConfig> = object<Ec2SdConfig>({
  name: 'ec2_sd_config',
  fields: {
    endpoint: field('endpoint', string(), { isAlwaysPrinted: true }),
    region: field('region', string(), { isAlwaysPrinted: true }),
    accessKey: field('access_key', string()),
    secretKey: field('secret_key', secret()),
    profile: field('profile', string()),
    roleArn: field('role_arn', string()),
    externalId: field('external_id', string()),
    refreshIntervalMs: field('refresh_interval', duration(), { default: 60_000 }),
    port: field('port', int(), { default: 80, isAlwaysPrinted: true }),
    filters: field('filters', list(filter, { nullItem: 'empty or null filter' }), { isAlwaysPrinted: true }),
    httpClient: inline(httpClientConfigSchema),
  },
});
