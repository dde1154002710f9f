import { checkStaticTargets, type DiscoveryConfigs, discoveryConfigsSchema } from '../discovery/index.ts';
import { type HttpClientConfig, httpClientConfigSchema, type SigV4Config, sigV4Schema } from '../httpclient/index.ts';
import { type RelabelConfig, relabelConfigSchema } from '../model/index.ts';
import {
  checkedString,
  duration,
  field,
  inline,
  list,
  object,
  type ObjectSchema,
  optional,
  string,
} from '../schema/index.ts';

/** A set of Alertmanagers that alerts are sent to. */
export interface AlertmanagerConfig {
  readonly httpClient: HttpClientConfig;
  readonly sigv4: SigV4Config | undefined;
  readonly scheme: string;
  readonly pathPrefix: string;
  readonly timeoutMs: number;
  /** Always `v2`. */
  readonly apiVersion: string;
  /** Of the discovered Alertmanagers. */
  readonly relabelConfigs: readonly RelabelConfig[];
  /** Of the alerts, before they are sent to this set. */
  readonly alertRelabelConfigs: readonly RelabelConfig[];
  readonly discovery: DiscoveryConfigs;
}

/** The `alerting` section. */
export interface AlertingConfig {
  readonly alertRelabelConfigs: readonly RelabelConfig[];
  readonly alertmanagers: readonly AlertmanagerConfig[];
}

const alertmanagerSchema = object<AlertmanagerConfig>({
  name: 'alertmanager',
  fields: {
    httpClient: inline(httpClientConfigSchema),
    sigv4: field('sigv4', optional(sigV4Schema)),
    scheme: field('scheme', string(), { default: 'http' }),
    pathPrefix: field('path_prefix', string()),
    timeoutMs: field('timeout', duration(), { default: 10_000 }),
    apiVersion: field(
      'api_version',
      checkedString((given) =>
        given === 'v2' ? undefined : `expected Alertmanager api version to be one of [v2] but got ${given}`,
      ),
      { default: 'v2', isAlwaysPrinted: true },
    ),
    relabelConfigs: field(
      'relabel_configs',
      list(relabelConfigSchema, { nullItem: 'empty or null Alertmanager target relabeling rule' }),
    ),
    alertRelabelConfigs: field(
      'alert_relabel_configs',
      list(relabelConfigSchema, { nullItem: 'empty or null Alertmanager alert relabeling rule' }),
    ),
    discovery: inline(discoveryConfigsSchema),
  },
  refine(config, check) {
    const { basicAuth, authorization, oauth2 } = config.httpClient;
    if (config.sigv4 !== undefined && (basicAuth ?? authorization ?? oauth2) !== undefined) {
      check.fail('at most one of basic_auth, authorization, oauth2, & sigv4 must be configured', 'sigv4');
    }
    if (config.relabelConfigs.length === 0) checkStaticTargets(config.discovery, check.decoder);
  },
});

/** The `alerting` section; its relabelling is checked with the names the globals allow. */
export const alertingConfigSchema: ObjectSchema<AlertingConfig> = object<AlertingConfig>({
  name: 'alerting',
  fields: {
    alertRelabelConfigs: field(
      'alert_relabel_configs',
      list(relabelConfigSchema, { nullItem: 'empty or null alert relabeling rule' }),
    ),
    alertmanagers: field('alertmanagers', list(alertmanagerSchema, { nullItem: 'empty or null Alertmanager section' })),
  },
});
