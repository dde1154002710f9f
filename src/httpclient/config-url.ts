import { inspect } from 'node:util';
import { parsed, type Schema, text } from '../schema/index.ts';

/**
 * A URL from a configuration. It may carry a password, so it prints with `xxxxx` in its place; {@link ConfigUrl.reveal} gives
 * it as written.
 */
export class ConfigUrl {
  readonly #text: string;
  /** Lower case, without the colon; empty for a relative URL. */
  readonly scheme: string;
  /** As written, with the port and the brackets of an IPv6 address, without user and password; empty when there is none. */
  readonly host: string;

  /** @throws {Error} where Go's `url.Parse` would return an error */
  constructor(value: string) {
    const parts = parseGoUrl(value);
    this.#text = value;
    this.scheme = parts.scheme;
    this.host = parts.host;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    // Everything up to the last @ of the authority is user and password; the first colon parts them.
    return this.#text.replace(/^([^:/?#]*:)?(\/\/)([^/?#:@]*):[^/?#]*@/, '$1$2$3:xxxxx@');
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return `ConfigUrl(${this.toString()})`;
  }
}

export interface GoUrlParts {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/**
 * Splits a URL as Go's `url.Parse` does, which accepts much (relative URLs, bare words) but not everything.
 *
 * @throws {Error} worded as Go does
 * @see Go `net/url`, Parse
 */
export function parseGoUrl(value: string): GoUrlParts {
  const wrong = (why: string): Error => new Error(`parse ${JSON.stringify(redact(value))}: ${why}`);
  if (/[\x00-\x1f\x7f]/.test(value)) throw wrong('net/url: invalid control character in URL');
  const [withoutFragment] = value.split('#', 1);
  checkEscapes(value.slice(withoutFragment.length), wrong);
  const schemeMatch = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(withoutFragment);
  if (schemeMatch === null && withoutFragment.startsWith(':')) throw wrong('missing protocol scheme');
  const scheme = (schemeMatch?.[1] ?? '').toLowerCase();
  const rest = schemeMatch === null ? withoutFragment : withoutFragment.slice(schemeMatch[0].length);
  const queryAt = rest.indexOf('?');
  const beforeQuery = queryAt < 0 ? rest : rest.slice(0, queryAt);
  const query = queryAt < 0 ? '' : rest.slice(queryAt + 1);
  if (scheme !== '' && !beforeQuery.startsWith('/')) return { scheme, host: '', path: '', query };
  if (scheme === '' && /^[^/]*:/.test(beforeQuery)) throw wrong('first path segment in URL cannot contain colon');
  if (!beforeQuery.startsWith('//')) {
    checkEscapes(beforeQuery, wrong);
    return { scheme, host: '', path: beforeQuery, query };
  }
  const authorityEnd = beforeQuery.indexOf('/', 2);
  const authority = beforeQuery.slice(2, authorityEnd < 0 ? undefined : authorityEnd);
  const path = authorityEnd < 0 ? '' : beforeQuery.slice(authorityEnd);
  checkEscapes(path, wrong);
  return { scheme, host: checkAuthority(authority, wrong), path, query };
}

function checkAuthority(authority: string, wrong: (why: string) => Error): string {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  const host = authority.slice(at + 1);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw wrong('net/url: invalid userinfo');
  checkEscapes(user, wrong);
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) throw wrong("missing ']' in host");
    if (!/^(:\d*)?$/.test(host.slice(end + 1)))
      throw wrong(`invalid port ${JSON.stringify(host.slice(end + 1))} after host`);
    return host;
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0 && !/^:\d*$/.test(host.slice(colon))) {
    throw wrong(`invalid port ${JSON.stringify(host.slice(colon))} after host`);
  }
  const odd = /[ "<>[\]\\^`{}|]/.exec(host);
  if (odd) throw wrong(`invalid character ${JSON.stringify(odd[0])} in host name`);
  checkEscapes(host, wrong);
  return host;
}

function checkEscapes(part: string, wrong: (why: string) => Error): void {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(part);
  if (bad) throw wrong(`invalid URL escape ${JSON.stringify(bad[0])}`);
}

function redact(value: string): string {
  return value.replace(/(\/\/[^/?#:@]*):[^/?#]*@/, '$1:xxxxx@');
}

/** A URL; null and absence give `undefined`, and an empty text is a URL, too, as in Go. */
export function configUrl(): Schema<ConfigUrl | undefined> {
  return configUrlSchema;
}

const configUrlSchema: Schema<ConfigUrl | undefined> = parsed<ConfigUrl | undefined>({
  type: 'URL',
  parse: (value) => new ConfigUrl(value),
  zero: () => undefined,
  isZero: (value) => value === undefined,
  encode: (value) => text(value?.toString() ?? ''),
});
