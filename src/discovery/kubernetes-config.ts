import {
  type ConfigUrl,
  configUrl,
  type HttpClientConfig,
  httpClientConfigSchema,
  isDefaultHttpClientConfig,
} from '../httpclient/index.ts';
import {
  boolean,
  type Check,
  checkedString,
  field,
  filePath,
  inline,
  list,
  object,
  type ObjectSchema,
  type Schema,
  string,
} from '../schema/index.ts';
import { fieldSelectorProblem, labelSelectorProblem } from './kubernetes-selector-config.ts';

export type KubernetesRole = 'node' | 'pod' | 'service' | 'endpoints' | 'endpointslice' | 'ingress';

/** The kinds of objects whose selectors a role understands. */
const selectorRoles: Readonly<Record<KubernetesRole, readonly KubernetesRole[]>> = {
  pod: ['pod', 'node'],
  service: ['service'],
  endpointslice: ['pod', 'service', 'endpointslice'],
  endpoints: ['pod', 'service', 'endpoints'],
  node: ['node'],
  ingress: ['ingress'],
};

/** Narrows what is listed and watched of one kind of object. */
export interface KubernetesSelector {
  readonly role: KubernetesRole;
  readonly label: string;
  readonly field: string;
}

/** Targets from the objects of a Kubernetes cluster. */
export interface KubernetesSdConfig {
  /** Absent: the cluster this process runs in, unless there is a kubeconfig. */
  readonly apiServer: ConfigUrl | undefined;
  readonly role: KubernetesRole;
  readonly kubeconfigFile: string;
  readonly httpClient: HttpClientConfig;
  readonly namespaces: { readonly ownNamespace: boolean; readonly names: readonly string[] };
  readonly selectors: readonly KubernetesSelector[];
  /** Whose labels and annotations are added to the targets. */
  readonly attachMetadata: {
    readonly node: boolean;
    readonly namespace: boolean;
    readonly deployment: boolean;
    readonly job: boolean;
    readonly cronjob: boolean;
  };
}

/** Null leaves it empty, which is refused for the discovery itself and by the list of allowed selectors. */
const role = checkedString(
  (given) => (given in selectorRoles ? undefined : `unknown Kubernetes SD role ${JSON.stringify(given)}`),
  `one of ${Object.keys(selectorRoles).join(', ')}`,
) as Schema<string> as Schema<KubernetesRole>;

const selector = object<KubernetesSelector>({
  name: 'selector',
  fields: {
    role: field('role', role),
    label: field('label', checkedString(labelSelectorProblem)),
    field: field('field', checkedString(fieldSelectorProblem)),
  },
});

const namespaces = object<KubernetesSdConfig['namespaces']>({
  name: 'namespaces',
  fields: {
    ownNamespace: field('own_namespace', boolean(), { isAlwaysPrinted: true }),
    names: field('names', list(string()), { isAlwaysPrinted: true }),
  },
});

const attachMetadata = object<KubernetesSdConfig['attachMetadata']>({
  name: 'attach_metadata',
  fields: {
    node: field('node', boolean(), { isAlwaysPrinted: true }),
    namespace: field('namespace', boolean(), { isAlwaysPrinted: true }),
    deployment: field('deployment', boolean(), { isAlwaysPrinted: true }),
    job: field('job', boolean(), { isAlwaysPrinted: true }),
    cronjob: field('cronjob', boolean(), { isAlwaysPrinted: true }),
  },
});

export const kubernetesSdConfigSchema: ObjectSchema<KubernetesSdConfig> = object<KubernetesSdConfig>({
  name: 'kubernetes_sd_config',
  fields: {
    apiServer: field('api_server', configUrl()),
    role: field('role', role, {
      required: 'role missing (one of: pod, service, endpoints, endpointslice, node, ingress)',
      isAlwaysPrinted: true,
    }),
    kubeconfigFile: field('kubeconfig_file', filePath(), { isAlwaysPrinted: true }),
    httpClient: inline(httpClientConfigSchema),
    namespaces: field('namespaces', namespaces),
    selectors: field('selectors', list(selector)),
    attachMetadata: field('attach_metadata', attachMetadata),
  },
  refine(config, check) {
    const hasApiServer = config.apiServer !== undefined;
    const hasKubeconfig = config.kubeconfigFile !== '';
    const hasHttpConfig = !isDefaultHttpClientConfig(config.httpClient);
    if (hasApiServer && hasKubeconfig) {
      check.fail("cannot use 'kubeconfig_file' and 'api_server' simultaneously", 'kubeconfigFile');
    } else if (hasKubeconfig && hasHttpConfig) {
      check.fail("cannot use a custom HTTP client configuration together with 'kubeconfig_file'", 'kubeconfigFile');
    } else if (!hasApiServer && hasHttpConfig) {
      check.fail("to use custom HTTP client configuration please provide the 'api_server' URL explicitly");
    } else if (hasApiServer && config.namespaces.ownNamespace) {
      check.fail("cannot use 'api_server' and 'namespaces.own_namespace' simultaneously", 'namespaces');
    } else if (hasKubeconfig && config.namespaces.ownNamespace) {
      check.fail("cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously", 'namespaces');
    }
    checkSelectors(config, check);
  },
});

function checkSelectors(config: KubernetesSdConfig, check: Check<KubernetesSdConfig>): void {
  const allowed = selectorRoles[config.role];
  const seen = new Set<string>();
  for (const one of config.selectors) {
    if (seen.has(one.role)) {
      check.decoder.failObject(one, 'role', `duplicated selector role: ${one.role}`);
    } else if (!allowed.includes(one.role)) {
      check.decoder.failObject(one, 'role', `${config.role} role supports only ${allowed.join(', ')} selectors`);
    }
    seen.add(one.role);
  }
}
