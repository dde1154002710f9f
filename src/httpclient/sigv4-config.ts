import { type Secret } from '../runtime/index.ts';
import { boolean, field, object, type ObjectSchema, string } from '../schema/index.ts';
import { secret } from './config.ts';

/** Requests signed with AWS's signature version 4; what is empty comes from AWS's usual places. */
export interface SigV4Config {
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: Secret;
  readonly profile: string;
  readonly roleArn: string;
  readonly externalId: string;
  readonly useFipsStsEndpoint: boolean;
  readonly serviceName: string;
}

export const sigV4Schema: ObjectSchema<SigV4Config> = object<SigV4Config>({
  name: 'sigv4',
  fields: {
    region: field('region', string()),
    accessKey: field('access_key', string()),
    secretKey: field('secret_key', secret()),
    profile: field('profile', string()),
    roleArn: field('role_arn', string()),
    externalId: field('external_id', string()),
    useFipsStsEndpoint: field('use_fips_sts_endpoint', boolean()),
    serviceName: field('service_name', string()),
  },
  refine(config, check) {
    if ((config.accessKey === '') !== config.secretKey.isEmpty) {
      check.fail('must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config');
    } else if (config.externalId !== '' && config.roleArn === '') {
      check.fail('external_id can only be used with role_arn', 'externalId');
    }
  },
});
