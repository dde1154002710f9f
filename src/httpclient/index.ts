/** Outgoing HTTP: Prometheus's `http_config`, the client, and the firewall every connection passes. */
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
export { BodyTooLargeError, HttpClientError, type HttpFailure } from './errors.ts';
export type {
  GetOptions,
  HttpClient,
  HttpHeaders,
  HttpResponse,
  RequestOptions,
  StreamedResponse,
} from './http-client.ts';
export { type SigV4Config, sigV4Schema } from './sigv4-config.ts';
export type { OutboundKind } from './outbound-kind.ts';
