export { ApiError, errorStatuses, invalidParameter, type ApiErrorOptions, type ErrorType } from './api-error.ts';
export { CSRF_HEADER } from './guard.ts';
export type { ListenAddress } from './listeners.ts';
export { parseOrigin } from './origins.ts';
export { FormError, Params, parseForm } from './params.ts';
export type { RateLimit } from './rate-limit.ts';
export { jsonPieces, noContent, success, text, type Reply, type SessionCookie } from './reply.ts';
export {
  bodyOf,
  type Route,
  type RouteBody,
  type RoutePermission,
  type ScopedRequest,
  type WebRequest,
} from './route.ts';
export { createServer, type Readiness, type WebServer, type WebServerOptions } from './server.ts';
export type { ClientAuth, TlsSettings } from './tls.ts';
export { loadWebConfig, parseWebConfig, type LoadedWebConfig, type ReadFile, type WebConfig } from './web-config.ts';
