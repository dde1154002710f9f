/** Outgoing connections: Prometheus's `http_config`, the HTTP client, and the firewall every connection passes. */
export {
  type Address,
  type AddressCategory,
  categorize,
  isInNetwork,
  type Network,
  parseAddress,
  parseNetwork,
} from './address.ts';
export { createHttpClient, type HttpClientOptions } from './client.ts';
export {
  type AuthorizationConfig,
  type BasicAuthConfig,
  canonicalHeader,
  defaultHttpClientConfig,
  type HeaderConfig,
  http1ClientConfigSchema,
  type HttpClientConfig,
  httpClientConfigSchema,
  isDefaultHttpClientConfig,
  type OAuth2Config,
  type ProxyConfig,
  secret,
  type TlsConfig,
  tlsConfigSchema,
  type TlsVersion,
} from './config.ts';
export { ConfigUrl, configUrl, type GoUrlParts, parseGoUrl } from './config-url.ts';
export { type CredentialBinding } from './credentials.ts';
export { dial, startTls } from './dial.ts';
export { type DnsRecordType, type DnsTarget, resolveRecords } from './dns.ts';
export { BodyTooLargeError, HttpClientError, type HttpFailure } from './errors.ts';
export type {
  GetOptions,
  HttpClient,
  HttpHeaders,
  HttpResponse,
  RequestOptions,
  StreamedResponse,
} from './http-client.ts';
export {
  type Destination,
  Outbound,
  type OutboundDenial,
  type OutboundOptions,
  type OutboundPolicy,
  type OutboundRule,
  type Resolver,
  showUrl,
} from './outbound.ts';
export type { OutboundKind } from './outbound-kind.ts';
export { type SecretManager, WatchedFile } from './secret-source.ts';
export { type SigV4Config, sigV4Schema } from './sigv4-config.ts';
export { TlsMaterial } from './tls-material.ts';
