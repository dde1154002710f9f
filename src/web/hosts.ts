import { hostname } from 'node:os';
import { isIP } from 'node:net';

/**
 * The names under which the server may be addressed. A page of another origin can make its own name resolve to this machine (DNS
 * rebinding) and would then be of the same origin in the browser's eyes; but the Host header still carries its name.
 *
 * Addresses are always accepted: rebinding needs a name.
 */
export class KnownHosts {
  readonly #names: ReadonlySet<string>;

  /** @param names of the external URL, the listeners, and whatever else is configured; without ports */
  constructor(names: Iterable<string>) {
    this.#names = new Set(['localhost', hostname(), ...names].map(normalized).filter((name) => name !== ''));
  }

  /** Judges a Host header or an `:authority`. A request without one (HTTP/1.0) does not come from a browser. */
  accepts(host: string | undefined): boolean {
    if (host === undefined || host === '') return true;
    const name = hostName(host);
    return name !== undefined && (isIP(name) !== 0 || this.#names.has(normalized(name)));
  }
}

/** The host of `host:port` or `[v6]:port`; `undefined` for what is neither. */
function hostName(host: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/@?#\s]+))(?::\d{1,5})?$/.exec(host);
  return match?.[1] ?? match?.[2];
}

function normalized(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
