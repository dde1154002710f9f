import type { IncomingHttpHeaders } from 'node:http';

/** What a browser says about where a request comes from. */
export interface OriginFacts {
  /** The Origin header. */
  readonly origin: string | undefined;
  /** The Sec-Fetch-Site header; only browsers send it, and no page can change it. */
  readonly fetchSite: string | undefined;
  readonly fetchMode: string | undefined;
  /** The Host header. */
  readonly host: string | undefined;
  readonly isSecure: boolean;
}

export function originFacts(headers: IncomingHttpHeaders, host: string | undefined, isSecure: boolean): OriginFacts {
  return {
    origin: one(headers.origin),
    fetchSite: one(headers['sec-fetch-site']),
    fetchMode: one(headers['sec-fetch-mode']),
    host,
    isSecure,
  };
}

/** Which other origins' pages may read the API, and which requests come from this server's own page. */
export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #external: string | undefined;

  /**
   * @param allowed exact origins, `https://grafana.example:3000`
   * @throws {Error} for what is no origin: a pattern, `*`, `null`, a path
   */
  constructor(allowed: readonly string[], externalUrl: URL | undefined) {
    this.#allowed = new Set(allowed.map(parseOrigin));
    this.#external = externalUrl?.origin;
  }

  /** The Origin header, when its pages may read the answers. */
  allowed(facts: OriginFacts): string | undefined {
    return facts.origin !== undefined && this.#allowed.has(facts.origin) ? facts.origin : undefined;
  }

  /** Whether a browser says that this server's own page has sent the request. Silence is no proof. */
  isOwnPage(facts: OriginFacts): boolean {
    if (facts.fetchSite !== undefined && facts.fetchSite !== 'same-origin') return false;
    if (facts.origin === undefined) return facts.fetchSite === 'same-origin';
    return facts.fetchSite === 'same-origin' || this.#isOwn(facts.origin, facts);
  }

  /** Whether a browser says that another site's page has sent the request. Without a browser's headers: no. */
  isForeignPage(facts: OriginFacts): boolean {
    if (facts.origin === undefined && facts.fetchSite === undefined) return false;
    // Somebody typed the address or followed a bookmark.
    if (facts.fetchSite === 'none' && facts.origin === undefined) return false;
    return !this.isOwnPage(facts);
  }

  #isOwn(origin: string, facts: OriginFacts): boolean {
    if (origin === this.#external) return true;
    return facts.host !== undefined && origin === `${facts.isSecure ? 'https' : 'http'}://${facts.host.toLowerCase()}`;
  }
}

/** @throws {Error} unless it is exactly an origin */
export function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if ((url?.protocol !== 'http:' && url?.protocol !== 'https:') || text.includes('*')) {
    throw new Error(`${JSON.stringify(text)} is not an origin, expected for example https://grafana.example:3000`);
  }
  if (text.toLowerCase() !== url.origin && text.toLowerCase() !== `${url.origin}/`) {
    throw new Error(`${JSON.stringify(text)} is not exactly an origin, expected ${JSON.stringify(url.origin)}`);
  }
  return url.origin;
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
