import { isLoopback, type ServeOptions } from './options.ts';

/** What protects the server besides its address. */
export interface Protection {
  readonly hasTls: boolean;
  /** Users or tokens are configured. */
  readonly hasCredentials: boolean;
}

/**
 * Why the server must not be started like this, and what to do instead; `undefined` when it may.
 *
 * Without sign-in only this machine may reach it, unless that is asked for in so many words; and a credential that is made up at the first start is not
 * sent over a network in the clear.
 */
export function exposureProblem(options: ServeOptions, protection: Protection): string | undefined {
  const exposed = options.web.listen.filter((address) => !isLoopback(address));
  if (exposed.length === 0) return undefined;
  const where = exposed.map(({ host, port }) => `${host === '' ? 'every address' : host}, port ${port}`).join(' and ');
  if (options.access.insecure) {
    if (options.access.insecureExpose) return undefined;
    return `--insecure gives everyone who reaches ${where} full control. Listen on 127.0.0.1, configure sign-in instead, or add --insecure-expose if that is really meant.`;
  }
  if (protection.hasTls || protection.hasCredentials) return undefined;
  return (
    `Listening on ${where} needs TLS or configured credentials. Give --web.config.file with tls_server_config or basic_auth_users, ` +
    'or --access.config.file with users or tokens; or listen on 127.0.0.1.'
  );
}
