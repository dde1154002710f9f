import { secret } from '../httpclient/index.ts';
import { type Secret } from '../runtime/index.ts';
import {
  boolean,
  type Check,
  field,
  filePath,
  object,
  type ObjectSchema,
  optional,
  string,
  type Writable,
} from '../schema/index.ts';

/** Tokens of Microsoft Entra for remote write; exactly one way to get them. */
export interface AzureAdConfig {
  readonly managedIdentity: { readonly clientId: string } | undefined;
  readonly workloadIdentity:
    { readonly clientId: string; readonly tenantId: string; readonly tokenFilePath: string } | undefined;
  readonly oauth: { readonly clientId: string; readonly clientSecret: Secret; readonly tenantId: string } | undefined;
  readonly sdk: { readonly tenantId: string } | undefined;
  readonly certificate: AzureCertificateConfig | undefined;
  readonly cloud: string;
  readonly scope: string;
}

export interface AzureCertificateConfig {
  readonly clientId: string;
  readonly tenantId: string;
  readonly certificatePath: string;
  readonly certificateKeyPath: string;
  readonly certificatePassword: Secret;
  readonly sendCertificateChain: boolean;
}

/** Tokens of Google's IAM for remote write. */
export interface GoogleIamConfig {
  /** Empty: the environment's default credentials. */
  readonly credentialsFile: string;
}

export const googleIamSchema: ObjectSchema<GoogleIamConfig> = object<GoogleIamConfig>({
  name: 'google_iam',
  fields: { credentialsFile: field('credentials_file', string()) },
});

const managedIdentity = object<NonNullable<AzureAdConfig['managedIdentity']>>({
  name: 'managed_identity',
  fields: { clientId: field('client_id', string()) },
});

const workloadIdentity = object<NonNullable<AzureAdConfig['workloadIdentity']>>({
  name: 'workload_identity',
  fields: {
    clientId: field('client_id', string()),
    tenantId: field('tenant_id', string()),
    tokenFilePath: field('token_file_path', string()),
  },
});

const oauth = object<NonNullable<AzureAdConfig['oauth']>>({
  name: 'oauth',
  fields: {
    clientId: field('client_id', string()),
    clientSecret: field('client_secret', secret()),
    tenantId: field('tenant_id', string()),
  },
});

const sdk = object<NonNullable<AzureAdConfig['sdk']>>({
  name: 'sdk',
  fields: { tenantId: field('tenant_id', string()) },
});

const certificate = object<AzureCertificateConfig>({
  name: 'certificate',
  fields: {
    clientId: field('client_id', string()),
    tenantId: field('tenant_id', string()),
    certificatePath: field('certificate_path', filePath()),
    certificateKeyPath: field('certificate_key_path', filePath()),
    certificatePassword: field('certificate_password', secret()),
    sendCertificateChain: field('send_certificate_chain', boolean()),
  },
});

const clouds: readonly string[] = ['AzureChina', 'AzureGovernment', 'AzurePublic'];

/** @see Prometheus `storage/remote/azuread/azuread.go`, AzureADConfig.Validate */
export const azureAdSchema: ObjectSchema<AzureAdConfig> = object<AzureAdConfig>({
  name: 'azuread',
  fields: {
    managedIdentity: field('managed_identity', optional(managedIdentity)),
    workloadIdentity: field('workload_identity', optional(workloadIdentity)),
    oauth: field('oauth', optional(oauth)),
    sdk: field('sdk', optional(sdk)),
    certificate: field('certificate', optional(certificate)),
    cloud: field('cloud', string()),
    scope: field('scope', string()),
  },
  refine: checkAzureAd,
});

function checkAzureAd(config: Writable<AzureAdConfig>, check: Check<AzureAdConfig>): void {
  config.cloud ||= 'AzurePublic';
  const methods = [
    config.managedIdentity,
    config.workloadIdentity,
    config.oauth,
    config.sdk,
    config.certificate,
  ].filter((method) => method !== undefined);
  if (!clouds.includes(config.cloud)) {
    check.fail('must provide a cloud in the Azure AD config', 'cloud', `one of ${clouds.join(', ')}`);
  } else if (methods.length === 0) {
    check.fail(
      'must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or Azure SDK in the Azure AD config',
    );
  } else if (methods.length > 1) {
    check.fail('cannot provide multiple authentication methods in the Azure AD config');
  } else {
    const problem = methodProblem(config);
    if (problem !== undefined) check.fail(problem);
    else if (config.scope !== '' && !/^[\w\s:/.-]+$/.test(config.scope)) {
      check.fail('the provided scope contains invalid characters', 'scope');
    }
  }
}

function methodProblem(config: AzureAdConfig): string | undefined {
  const { managedIdentity: managed, workloadIdentity: workload, oauth: login, certificate: cert } = config;
  if (managed !== undefined && managed.clientId !== '' && !isUuid(managed.clientId)) {
    return 'the provided Azure Managed Identity client_id is invalid';
  }
  if (workload !== undefined) {
    const problem = required('Azure Workload Identity', { client_id: workload.clientId, tenant_id: workload.tenantId });
    return (
      problem ?? (isUuid(workload.tenantId) ? undefined : 'the provided Azure Workload Identity tenant_id is invalid')
    );
  }
  if (login !== undefined) {
    return required('Azure OAuth', {
      client_id: login.clientId,
      client_secret: login.clientSecret.reveal(),
      tenant_id: login.tenantId,
    });
  }
  if (cert !== undefined) {
    return required('Azure Certificate', {
      client_id: cert.clientId,
      tenant_id: cert.tenantId,
      certificate_path: cert.certificatePath,
    });
  }
  return undefined;
}

function required(method: string, fields: Readonly<Record<string, string>>): string | undefined {
  const empty = Object.keys(fields).find((key) => fields[key] === '');
  if (empty !== undefined) return `must provide an ${method} ${empty} in the Azure AD config`;
  return isUuid(fields.client_id) ? undefined : `the provided ${method} client_id is invalid`;
}

/** The forms Go's uuid package reads: plain, in braces, as a URN, and without hyphens. */
function isUuid(value: string): boolean {
  return (
    /^(urn:uuid:|\{)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i.test(value) ||
    /^[0-9a-f]{32}$/i.test(value)
  );
}
