export { type ConsulSdConfig, consulSdConfigSchema } from './consul-config.ts';
export {
  checkStaticTargets,
  type DiscoveryConfig,
  type DiscoveryConfigs,
  discoveryConfigsSchema,
  type DiscoveryKind,
  type DiscoveryKinds,
  listDiscoveries,
} from './discovery-config.ts';
export { type DnsSdConfig, dnsSdConfigSchema } from './dns-config.ts';
export {
  type DockerFilter,
  type DockerSdConfig,
  dockerSdConfigSchema,
  type DockerSwarmRole,
  type DockerSwarmSdConfig,
  dockerSwarmSdConfigSchema,
} from './docker-config.ts';
export { type Ec2Filter, type Ec2SdConfig, ec2SdConfigSchema } from './ec2-config.ts';
export { type EurekaSdConfig, eurekaSdConfigSchema } from './eureka-config.ts';
export { type FileSdConfig, fileSdConfigSchema } from './file-config.ts';
export { type HttpSdConfig, httpSdConfigSchema } from './http-config.ts';
export {
  type KubernetesRole,
  type KubernetesSdConfig,
  kubernetesSdConfigSchema,
  type KubernetesSelector,
} from './kubernetes-config.ts';
export { type NomadSdConfig, nomadSdConfigSchema } from './nomad-config.ts';
export { type TargetGroupConfig, targetGroupConfigSchema, targetGroupsSchema } from './target-group-config.ts';
export { type UnavailableProvider, unavailableProviders } from './unavailable-config.ts';
export { DiscoveryManager, type DiscoveryManagerContext } from './manager.ts';
export { type DiscoveryMetrics, type DnsResolver, type Provider, type ProviderContext } from './provider.ts';
export { makeProvider, unavailableDiscovery, UnsupportedDiscoveryError } from './providers.ts';
export { ADDRESS_LABEL, type TargetGroup } from './target-group.ts';
