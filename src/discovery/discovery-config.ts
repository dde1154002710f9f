import { type Decoder, field, type Field, list, object, type ObjectSchema, type Schema } from '../schema/index.ts';
import { type ConsulSdConfig, consulSdConfigSchema } from './consul-config.ts';
import { type DnsSdConfig, dnsSdConfigSchema } from './dns-config.ts';
import {
  type DockerSdConfig,
  dockerSdConfigSchema,
  type DockerSwarmSdConfig,
  dockerSwarmSdConfigSchema,
} from './docker-config.ts';
import { type Ec2SdConfig, ec2SdConfigSchema } from './ec2-config.ts';
import { type EurekaSdConfig, eurekaSdConfigSchema } from './eureka-config.ts';
import { type FileSdConfig, fileSdConfigSchema } from './file-config.ts';
import { type HttpSdConfig, httpSdConfigSchema } from './http-config.ts';
import { type KubernetesSdConfig, kubernetesSdConfigSchema } from './kubernetes-config.ts';
import { type NomadSdConfig, nomadSdConfigSchema } from './nomad-config.ts';
import { type TargetGroupConfig, targetGroupConfigSchema } from './target-group-config.ts';
import { unavailableProviders, type UnavailableProvider, unavailableSdConfigSchema } from './unavailable-config.ts';

/** The configuration of each kind of discovery. */
export interface DiscoveryKinds {
  readonly consul: ConsulSdConfig;
  readonly dns: DnsSdConfig;
  readonly docker: DockerSdConfig;
  readonly dockerswarm: DockerSwarmSdConfig;
  readonly ec2: Ec2SdConfig;
  readonly eureka: EurekaSdConfig;
  readonly file: FileSdConfig;
  readonly http: HttpSdConfig;
  readonly kubernetes: KubernetesSdConfig;
  readonly nomad: NomadSdConfig;
  readonly static: TargetGroupConfig;
}

export type DiscoveryKind = keyof DiscoveryKinds;

/** Every discovery section of a job: a list for each kind, empty where there is none. */
export type DiscoveryConfigs = { readonly [K in DiscoveryKind]: readonly DiscoveryKinds[K][] };

/** One discovery of a job. All static groups of a job are one. */
export type DiscoveryConfig =
  | { readonly kind: 'static'; readonly config: readonly TargetGroupConfig[] }
  | { [K in Exclude<DiscoveryKind, 'static'>]: { readonly kind: K; readonly config: DiscoveryKinds[K] } }[Exclude<
      DiscoveryKind,
      'static'
    >];

/** The table of kinds: how each section is read. A kind that is missing here is in `unavailableProviders`. */
const schemas: { readonly [K in DiscoveryKind]: Schema<DiscoveryKinds[K]> } = {
  consul: consulSdConfigSchema,
  dns: dnsSdConfigSchema,
  docker: dockerSdConfigSchema,
  dockerswarm: dockerSwarmSdConfigSchema,
  ec2: ec2SdConfigSchema,
  eureka: eurekaSdConfigSchema,
  file: fileSdConfigSchema,
  http: httpSdConfigSchema,
  kubernetes: kubernetesSdConfigSchema,
  nomad: nomadSdConfigSchema,
  static: targetGroupConfigSchema,
};

/** All `*_sd_configs` keys and `static_configs`, to stand inline in a job or an Alertmanager section. */
export const discoveryConfigsSchema: ObjectSchema<DiscoveryConfigs> = object<DiscoveryConfigs>({
  name: 'service discovery',
  fields: discoveryFields(),
});

function discoveryFields(): { readonly [K in DiscoveryKind]: Field<DiscoveryConfigs[K]> } {
  const sections = new Map<string, Schema<unknown>>(Object.entries(schemas));
  for (const name of Object.keys(unavailableProviders) as UnavailableProvider[]) {
    sections.set(name, unavailableSdConfigSchema(name) as unknown as Schema<unknown>);
  }
  const fields = Array.from(sections, ([name, schema]) => {
    const key = sectionKey(name);
    return [name, field(key, list(schema, { nullItem: `empty or null section in ${key}` }))] as const;
  });
  // Prometheus prints the sections in the order of their keys.
  fields.sort(([, a], [, b]) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
  return Object.fromEntries(fields) as unknown as { readonly [K in DiscoveryKind]: Field<DiscoveryConfigs[K]> };
}

function sectionKey(name: string): string {
  return name === 'static' ? 'static_configs' : `${name}_sd_configs`;
}

/** The discoveries of a job, one after the other; static groups together and first. */
export function listDiscoveries(configs: DiscoveryConfigs): DiscoveryConfig[] {
  const found: DiscoveryConfig[] = [];
  if (configs.static.length > 0) found.push({ kind: 'static', config: configs.static });
  for (const kind of Object.keys(schemas) as DiscoveryKind[]) {
    if (kind === 'static') continue;
    for (const config of configs[kind]) found.push({ kind, config } as DiscoveryConfig);
  }
  return found;
}

/** Reports static targets that are URLs instead of `host:port`: without relabelling they can never be scraped. */
export function checkStaticTargets(configs: DiscoveryConfigs, decoder: Decoder): void {
  for (const group of configs.static) {
    const url = group.targets.find((target) => target.includes('/'));
    if (url !== undefined)
      decoder.failObject(group, 'targets', `${JSON.stringify(url)} is not a valid hostname`, 'host:port');
  }
}
