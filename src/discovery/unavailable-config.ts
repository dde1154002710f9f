import { type HttpClientConfig, httpClientConfigSchema, secret, tlsConfigSchema } from '../httpclient/index.ts';
import { type Secret } from '../runtime/index.ts';
import {
  boolean,
  type Check,
  duration,
  field,
  type Field,
  inline,
  int,
  list,
  object,
  type ObjectSchema,
  string,
} from '../schema/index.ts';
import { httpUrlProblem, urlProblem } from './http-config.ts';

/** The settings of a provider that has no implementation here yet: read and checked, so that mistakes show, then refused. */
export interface UnavailableSdConfig {
  /** The provider's key without `_sd_configs`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly httpClient: HttpClientConfig | undefined;
}

/** What a key of a provider holds: text, secret, number, duration, flag, texts, map of texts, list of filters, tls block. */
type Kind = 'text' | 'secret' | 'int' | 'duration' | 'flag' | 'texts' | 'filters' | 'tls';

type Settings = Readonly<Record<string, unknown>>;

interface Provider {
  /** As people call it. */
  readonly title: string;
  readonly keys: Readonly<Record<string, Kind>>;
  /** Initial values that the checks rely on. */
  readonly defaults?: Settings;
  /** Without the keys of `http_config`. */
  readonly hasNoHttp?: true;
  /** Says what Prometheus would refuse, in its words. */
  readonly check?: (settings: Settings, http: HttpClientConfig | undefined) => string | undefined;
}

const port = { port: 'int', refresh_interval: 'duration' } as const;
const awsKeys = {
  endpoint: 'text',
  region: 'text',
  access_key: 'text',
  secret_key: 'secret',
  profile: 'text',
  role_arn: 'text',
  external_id: 'text',
  ...port,
} as const;

/** Providers Prometheus has and we do not have yet. */
export const unavailableProviders = {
  aws: {
    title: 'AWS',
    keys: { role: 'text', ...awsKeys, filters: 'filters', clusters: 'texts' },
    check: (s) =>
      oneOfProblem(s.role, ['ec2', 'ecs', 'elasticache', 'lightsail', 'msk', 'rds'], (r) => `unknown AWS SD role ${r}`),
  },
  azure: {
    title: 'Azure',
    keys: {
      environment: 'text',
      subscription_id: 'text',
      tenant_id: 'text',
      client_id: 'text',
      client_secret: 'secret',
      authentication_method: 'text',
      resource_group: 'text',
      ...port,
    },
    defaults: { authentication_method: 'OAuth' },
    check: checkAzure,
  },
  digitalocean: {
    title: 'DigitalOcean',
    keys: { role: 'text', ...port },
    defaults: { role: 'droplets' },
    check: (s) => oneOfProblem(s.role, ['droplets', 'databases'], (r) => `unknown DigitalOcean SD role ${r}`),
  },
  gce: {
    title: 'GCE',
    keys: { project: 'text', zone: 'text', filter: 'text', tag_separator: 'text', ...port },
    hasNoHttp: true,
    check: (s) =>
      missing(s, 'project', 'GCE SD configuration requires a project') ??
      missing(s, 'zone', 'GCE SD configuration requires a zone'),
  },
  hetzner: {
    title: 'Hetzner',
    keys: { role: 'text', label_selector: 'text', ...port },
    check: (s) =>
      missing(s, 'role', 'role missing (one of: robot, hcloud)') ??
      oneOfProblem(s.role, ['robot', 'hcloud'], (r) => `unknown role ${r}`),
  },
  ionos: {
    title: 'IONOS',
    keys: { datacenter_id: 'text', ...port },
    check: (s) => missing(s, 'datacenter_id', "datacenter id can't be empty"),
  },
  kuma: {
    title: 'Kuma',
    keys: { server: 'text', client_id: 'text', fetch_timeout: 'duration', refresh_interval: 'duration' },
    check: (s) => missing(s, 'server', 'kuma SD server must not be empty') ?? urlProblem(String(s.server)),
  },
  lightsail: { title: 'Lightsail', keys: awsKeys },
  linode: { title: 'Linode', keys: { tag_separator: 'text', region: 'text', ...port } },
  marathon: {
    title: 'Marathon',
    keys: { servers: 'texts', auth_token: 'secret', auth_token_file: 'text', refresh_interval: 'duration' },
    check: checkMarathon,
  },
  nerve: {
    title: 'Nerve',
    keys: { servers: 'texts', paths: 'texts', timeout: 'duration' },
    hasNoHttp: true,
    check: (s) => checkZookeeper('nerve', s),
  },
  oci: {
    title: 'OCI',
    keys: {
      auth: 'text',
      tenancy: 'text',
      user: 'text',
      fingerprint: 'text',
      key_file: 'text',
      key_passphrase: 'secret',
      key_passphrase_file: 'text',
      region: 'text',
      compartments: 'texts',
      ...port,
    },
    defaults: { auth: 'api_key' },
    check: (s) =>
      oneOfProblem(
        s.auth,
        ['api_key', 'instance_principal', 'resource_principal', 'workload_identity'],
        (a) => `unknown OCI authentication method ${a}`,
      ),
  },
  openstack: {
    title: 'OpenStack',
    keys: {
      identity_endpoint: 'text',
      username: 'text',
      userid: 'text',
      password: 'secret',
      project_name: 'text',
      project_id: 'text',
      domain_name: 'text',
      domain_id: 'text',
      application_credential_name: 'text',
      application_credential_id: 'text',
      application_credential_secret: 'secret',
      role: 'text',
      region: 'text',
      all_tenants: 'flag',
      tls_config: 'tls',
      availability: 'text',
      ...port,
    },
    defaults: { availability: 'public' },
    hasNoHttp: true,
    check: (s) =>
      oneOfProblem(
        s.availability,
        ['public', 'internal', 'admin'],
        (a) => `unknown availability ${a}, must be one of admin, internal or public`,
      ) ??
      missing(s, 'role', 'role missing (one of: instance, hypervisor, loadbalancer)') ??
      oneOfProblem(s.role, ['hypervisor', 'instance', 'loadbalancer'], (r) => `unknown OpenStack SD role ${r}`) ??
      missing(s, 'region', 'openstack SD configuration requires a region'),
  },
  outscale: {
    title: 'Outscale',
    keys: {
      endpoint: 'text',
      region: 'text',
      access_key: 'text',
      secret_key: 'secret',
      secret_key_file: 'text',
      ...port,
    },
    defaults: { region: 'eu-west-2' },
    check: (s) =>
      missing(s, 'region', 'outscale SD configuration requires a region') ??
      missing(s, 'access_key', 'outscale SD configuration requires access_key') ??
      oneSecret(s),
  },
  ovhcloud: {
    title: 'OVHcloud',
    keys: {
      endpoint: 'text',
      application_key: 'text',
      application_secret: 'secret',
      consumer_key: 'secret',
      refresh_interval: 'duration',
      service: 'text',
    },
    defaults: { endpoint: 'ovh-eu' },
    hasNoHttp: true,
    check: (s) =>
      missing(s, 'endpoint', 'endpoint can not be empty') ??
      missing(s, 'application_key', 'application key can not be empty') ??
      missing(s, 'application_secret', 'application secret can not be empty') ??
      missing(s, 'consumer_key', 'consumer key can not be empty') ??
      oneOfProblem(s.service, ['dedicated_server', 'vps'], (v) => `unknown service: ${v}`),
  },
  puppetdb: {
    title: 'PuppetDB',
    keys: { url: 'text', query: 'text', include_parameters: 'flag', ...port },
    check: (s) =>
      missing(s, 'url', 'URL is missing') ?? httpUrlProblem(String(s.url)) ?? missing(s, 'query', 'query missing'),
  },
  scaleway: {
    title: 'Scaleway',
    keys: {
      project_id: 'text',
      api_url: 'text',
      zone: 'text',
      access_key: 'text',
      secret_key: 'secret',
      secret_key_file: 'text',
      name_filter: 'text',
      tags_filter: 'texts',
      role: 'text',
      ...port,
    },
    check: (s) =>
      missing(s, 'role', 'role missing (one of: instance, baremetal)') ??
      oneOfProblem(s.role, ['instance', 'baremetal'], (r) => `unknown role ${r}`) ??
      missing(s, 'project_id', 'project_id is mandatory') ??
      oneSecret(s) ??
      missing(s, 'access_key', 'access_key is mandatory'),
  },
  serverset: {
    title: 'Serverset',
    keys: { servers: 'texts', paths: 'texts', timeout: 'duration' },
    hasNoHttp: true,
    check: (s) => checkZookeeper('serverset', s),
  },
  stackit: {
    title: 'STACKIT',
    keys: {
      project: 'text',
      region: 'text',
      endpoint: 'text',
      service_account_key: 'secret',
      private_key: 'secret',
      service_account_key_path: 'text',
      private_key_path: 'text',
      credentials_file_path: 'text',
      ...port,
    },
    check: (s) => urlProblem(String(s.endpoint)),
  },
  triton: {
    title: 'Triton',
    keys: {
      account: 'text',
      role: 'text',
      dns_suffix: 'text',
      endpoint: 'text',
      groups: 'texts',
      tls_config: 'tls',
      version: 'int',
      ...port,
    },
    defaults: { role: 'container' },
    hasNoHttp: true,
    check: (s) =>
      oneOfProblem(
        s.role,
        ['container', 'cn'],
        () => "triton SD configuration requires role to be 'container' or 'cn'",
      ) ??
      missing(s, 'account', 'triton SD configuration requires an account') ??
      missing(s, 'dns_suffix', 'triton SD configuration requires a dns_suffix') ??
      missing(s, 'endpoint', 'triton SD configuration requires an endpoint'),
  },
  uyuni: {
    title: 'Uyuni',
    keys: {
      server: 'text',
      username: 'text',
      password: 'secret',
      entitlement: 'text',
      separator: 'text',
      refresh_interval: 'duration',
    },
    check: (s) =>
      missing(s, 'server', 'Uyuni SD configuration requires server host') ??
      urlProblem(String(s.server)) ??
      missing(s, 'username', 'Uyuni SD configuration requires a username') ??
      missing(s, 'password', 'Uyuni SD configuration requires a password'),
  },
  vultr: { title: 'Vultr', keys: port },
} as const satisfies Record<string, Provider>;

export type UnavailableProvider = keyof typeof unavailableProviders;

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === '' || (value as Partial<Secret>).isEmpty === true;
}

function missing(settings: Settings, key: string, message: string): string | undefined {
  return isEmpty(settings[key]) ? message : undefined;
}

function oneOfProblem(
  value: unknown,
  accepted: readonly string[],
  message: (quoted: string) => string,
): string | undefined {
  return accepted.includes(String(value)) ? undefined : message(JSON.stringify(value));
}

function oneSecret(settings: Settings): string | undefined {
  const hasInline = !isEmpty(settings.secret_key);
  const hasFile = !isEmpty(settings.secret_key_file);
  if (hasInline && hasFile) return 'at most one of secret_key & secret_key_file must be configured';
  return hasInline || hasFile ? undefined : 'one of secret_key & secret_key_file must be configured';
}

function checkAzure(settings: Settings): string | undefined {
  const method = String(settings.authentication_method);
  const needed =
    method === 'OAuth' ? ['subscription_id', 'tenant_id', 'client_id', 'client_secret'] : ['subscription_id'];
  const absent = needed.find((key) => isEmpty(settings[key]));
  if (absent !== undefined) return `azure SD configuration requires a ${absent}`;
  return oneOfProblem(
    method,
    ['OAuth', 'ManagedIdentity', 'SDK', 'WorkloadIdentity'],
    (given) =>
      `unknown authentication_type ${given}. Supported types are "OAuth", "ManagedIdentity", "SDK" or "WorkloadIdentity"`,
  );
}

function checkMarathon(settings: Settings, http: HttpClientConfig | undefined): string | undefined {
  const hasToken = !isEmpty(settings.auth_token);
  const hasFile = !isEmpty(settings.auth_token_file);
  if (isEmpty(settings.servers)) return 'marathon_sd: must contain at least one Marathon server';
  if (hasToken && hasFile) return 'marathon_sd: at most one of auth_token & auth_token_file must be configured';
  if (!hasToken && !hasFile) return undefined;
  if (http?.basicAuth) return 'marathon_sd: at most one of basic_auth, auth_token & auth_token_file must be configured';
  if (http?.authorization)
    return 'marathon_sd: at most one of auth_token, auth_token_file & authorization must be configured';
  return undefined;
}

function checkZookeeper(name: string, settings: Settings): string | undefined {
  if (isEmpty(settings.servers)) return `${name} SD config must contain at least one Zookeeper server`;
  if (isEmpty(settings.paths)) return `${name} SD config must contain at least one path`;
  const relative = (settings.paths as string[]).find((path) => !path.startsWith('/'));
  return relative === undefined ? undefined : `${name} SD config paths must begin with '/': ${relative}`;
}

const filters = list(
  object<{ name: string; values: string[] }>({
    name: 'filter',
    fields: { name: field('name', string()), values: field('values', list(string())) },
  }),
);

function fieldOf(key: string, kind: Kind, initial: unknown): Field<unknown> {
  switch (kind) {
    case 'text':
      return field(key, string(), { default: typeof initial === 'string' ? initial : '' }) as Field<unknown>;
    case 'secret':
      return field(key, secret()) as Field<unknown>;
    case 'int':
      return field(key, int()) as Field<unknown>;
    case 'duration':
      return field(key, duration()) as Field<unknown>;
    case 'flag':
      return field(key, boolean()) as Field<unknown>;
    case 'texts':
      return field(key, list(string())) as Field<unknown>;
    case 'filters':
      return field(key, filters) as Field<unknown>;
    case 'tls':
      return field(key, tlsConfigSchema) as Field<unknown>;
  }
}

/** The schema of a provider's section: it reads the settings, says what is wrong with them, and then refuses the provider. */
export function unavailableSdConfigSchema(name: UnavailableProvider): ObjectSchema<UnavailableSdConfig> {
  const provider: Provider = unavailableProviders[name];
  const settings = object<Record<string, unknown>>({
    name: `${name}_sd_config`,
    fields: Object.fromEntries(
      Object.entries(provider.keys).map(([key, kind]) => [key, fieldOf(key, kind, provider.defaults?.[key])]),
    ),
  });
  const refuse = (config: UnavailableSdConfig, check: Check<UnavailableSdConfig>): void => {
    const problem = provider.check?.(config.settings, config.httpClient);
    check.fail(problem ?? `${provider.title} service discovery (${name}_sd_configs) is not available yet`);
  };
  if (provider.hasNoHttp) {
    return object<UnavailableSdConfig>({
      name: `${name}_sd_config`,
      fields: { settings: inline(settings), httpClient: nothing },
      refine: refuse,
    });
  }
  return object<UnavailableSdConfig>({
    name: `${name}_sd_config`,
    fields: {
      settings: inline(settings),
      httpClient: inline(httpClientConfigSchema) as Field<HttpClientConfig | undefined>,
    },
    refine: refuse,
  });
}

/** Holds the place of the HTTP settings where a provider has none: an inline object without keys. */
const nothing = inline(object<Record<string, never>>({ name: 'nothing', fields: {} })) as unknown as Field<
  HttpClientConfig | undefined
>;
