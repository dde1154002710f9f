import { lookup } from 'node:dns/promises';
import { type AddressCategory, addressCategories, categorize, parseAddress } from './address.ts';
import { HttpClientError } from './errors.ts';
import { type HostPattern, matchesAddress, matchesHost, parseHostPattern } from './host-pattern.ts';
import { type OutboundKind } from './outbound-kind.ts';

/**
 * Where one kind of client may connect, as the access file says it. Entries of `allow` and `deny` are categories of addresses
 * (`public`, `private`, …), hosts (`hooks.example:443`, `*.corp.example`) or networks (`10.2.0.0/16`).
 */
export interface OutboundRule {
  /** When given, the whole list: what is not on it is denied. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** Hosts that may be reached in addition, whichever of the ordinary categories their addresses are in. */
  readonly hosts?: readonly string[];
}

export type OutboundPolicy = Partial<Readonly<Record<OutboundKind, OutboundRule>>>;

/** Resolves a name to its addresses, in the order they are to be tried. */
export type Resolver = (host: string) => Promise<readonly string[]>;

/** A place a connection may be opened to: the address has been judged, and no other is to be used. */
export interface Destination {
  /** The host as the URL gives it, without brackets: for the Host header and for TLS. */
  readonly host: string;
  readonly port: number;
  /** Judged, at least one. */
  readonly addresses: readonly string[];
}

/** A refusal, for the audit log and for counting. */
export interface OutboundDenial {
  readonly kind: OutboundKind;
  readonly target: string;
  readonly reason: string;
}

export interface OutboundOptions {
  readonly policy?: OutboundPolicy;
  readonly resolve?: Resolver;
  readonly onDenied?: (denial: OutboundDenial) => void;
}

/** Never reached because of a name or a default: only where the category or the address itself is listed. */
const guarded: ReadonlySet<AddressCategory> = new Set(['link_local', 'metadata', 'reserved']);

const trusting: readonly AddressCategory[] = ['loopback', 'private', 'public', 'unix'];

/** Who may go where unless the policy says otherwise. */
const defaults: Readonly<Record<OutboundKind, readonly AddressCategory[]>> = {
  scrape: trusting,
  discovery: trusting,
  remote: trusting,
  alerting: trusting,
  oidc: trusting,
  vault: trusting,
  receivers: ['public'],
  probes: ['public'],
};

/**
 * The firewall every outgoing connection passes: judges a host and every address it resolves to, and hands out the judged
 * addresses, so that what was judged is what is connected to.
 */
export class Outbound {
  readonly #resolve: Resolver;
  readonly #onDenied: (denial: OutboundDenial) => void;
  #rules: ReadonlyMap<OutboundKind, CompiledRule>;
  #generation = 0;

  /** @throws {Error} for a policy with an entry that is neither a category nor a host nor a network */
  constructor(options: OutboundOptions = {}) {
    this.#resolve = options.resolve ?? resolveBySystem;
    this.#onDenied = options.onDenied ?? (() => {});
    this.#rules = compilePolicy(options.policy ?? {});
  }

  /** Counts the policies: clients give up their connections when it changes. */
  get generation(): number {
    return this.#generation;
  }

  /** Puts a new policy in force. @throws {Error} as the constructor does; the old one then stays */
  setPolicy(policy: OutboundPolicy): void {
    this.#rules = compilePolicy(policy);
    this.#generation++;
  }

  /**
   * Judges where a URL leads.
   *
   * @throws {HttpClientError} `denied` when it may not be reached, `connection` when the name does not resolve
   */
  async judge(request: { readonly kind: OutboundKind; readonly url: string | URL }): Promise<Destination> {
    const { kind } = request;
    const shown = showUrl(request.url);
    let url: URL;
    try {
      url = new URL(request.url);
    } catch {
      throw this.#denied(kind, shown, 'it is not a URL');
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw this.#denied(kind, shown, `scheme ${JSON.stringify(url.protocol.slice(0, -1))} is not http or https`);
    }
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    return this.judgeHost(kind, url.hostname.replace(/^\[|\]$/g, ''), port, shown);
  }

  /**
   * Judges a host (a name or an address, without brackets) and a port, for connections that are not HTTP.
   *
   * @param shown how the target is called in errors
   * @throws {HttpClientError} as {@link judge} does
   */
  async judgeHost(kind: OutboundKind, host: string, port: number, shown = `${host}:${port}`): Promise<Destination> {
    const rule = this.#rule(kind);
    this.#judgeName(rule, kind, host, port, shown);
    const literal = parseAddress(host);
    let addresses: readonly string[];
    if (literal !== undefined) addresses = [host];
    else {
      try {
        addresses = await this.#resolve(host);
      } catch (cause) {
        throw new HttpClientError('connection', `Cannot connect to ${shown}: ${resolveProblem(host, cause)}`, {
          cause,
        });
      }
      if (addresses.length === 0) {
        throw new HttpClientError('connection', `Cannot connect to ${shown}: ${host} has no address`);
      }
    }
    for (const address of addresses) this.#judgeAddress(rule, kind, host, address, port, shown);
    return { host, port, addresses };
  }

  /** Judges a socket in the file system. @throws {HttpClientError} `denied` */
  judgeSocket(kind: OutboundKind, path: string): void {
    const rule = this.#rule(kind);
    if (!rule.allows('unix')) throw this.#denied(kind, `unix:${path}`, `unix sockets are not allowed for ${kind}`);
  }

  /**
   * Judges a host that a proxy will resolve. A name this machine cannot resolve passes only for clients that may reach
   * every ordinary address anyway.
   */
  async judgeBehindProxy(kind: OutboundKind, host: string, port: number, shown: string): Promise<void> {
    try {
      await this.judgeHost(kind, host, port, shown);
    } catch (error) {
      const isUnknown = error instanceof HttpClientError && error.failure === 'connection';
      if (!isUnknown) throw error;
      const rule = this.#rule(kind);
      if (rule.namesHost(host, port) || (rule.allows('private') && rule.allows('loopback'))) return;
      throw this.#denied(kind, shown, `${host} cannot be resolved here and is not listed for ${kind}`);
    }
  }

  #rule(kind: OutboundKind): CompiledRule {
    return this.#rules.get(kind) ?? new CompiledRule({}, defaults[kind]);
  }

  #judgeName(rule: CompiledRule, kind: OutboundKind, host: string, port: number, shown: string): void {
    const denied = rule.denyHosts.find((pattern) => matchesHost(pattern, host, port));
    if (denied !== undefined) throw this.#denied(kind, shown, `${host} is denied by ${JSON.stringify(denied.source)}`);
  }

  #judgeAddress(rule: CompiledRule, kind: OutboundKind, host: string, text: string, port: number, shown: string): void {
    const address = parseAddress(text);
    if (address === undefined) throw this.#denied(kind, shown, `${JSON.stringify(text)} is not an address`);
    const deniedBy = rule.denyHosts.find((pattern) => matchesAddress(pattern, address, port));
    if (deniedBy !== undefined) {
      throw this.#denied(kind, shown, `address ${text} is denied by ${JSON.stringify(deniedBy.source)}`);
    }
    if (rule.hosts.some((pattern) => matchesAddress(pattern, address, port))) return;
    const category = categorize(address);
    if (guarded.has(category) ? rule.lists(category) : rule.namesHost(host, port) || rule.allows(category)) return;
    const name = category.replace('_', '-');
    const article = category === 'metadata' ? `a cloud metadata address` : name;
    throw this.#denied(kind, shown, `address ${text} is ${article} and not allowed for ${kind}`);
  }

  #denied(kind: OutboundKind, target: string, reason: string): HttpClientError {
    this.#onDenied({ kind, target, reason });
    return new HttpClientError('denied', `Cannot connect to ${target}: ${reason} (outbound.${kind})`);
  }
}

/** A rule with its entries parsed. */
class CompiledRule {
  /** Hosts and networks that are allowed by being listed. */
  readonly hosts: readonly HostPattern[];
  readonly denyHosts: readonly HostPattern[];
  readonly #allowed: ReadonlySet<AddressCategory>;
  readonly #listed: ReadonlySet<AddressCategory>;

  constructor(rule: OutboundRule, standard: readonly AddressCategory[]) {
    const allow = split(rule.allow ?? []);
    const deny = split(rule.deny ?? []);
    const denied = new Set(deny.categories);
    const base = rule.allow === undefined ? standard : allow.categories;
    this.#allowed = new Set(base.filter((category) => !denied.has(category)));
    this.#listed = new Set(allow.categories.filter((category) => !denied.has(category)));
    this.hosts = [...allow.hosts, ...(rule.hosts ?? []).map(parseHostPattern)];
    this.denyHosts = deny.hosts;
  }

  allows(category: AddressCategory): boolean {
    return this.#allowed.has(category);
  }

  /** Allowed by being written down, not by default. */
  lists(category: AddressCategory): boolean {
    return this.#listed.has(category);
  }

  namesHost(host: string, port: number): boolean {
    return this.hosts.some((pattern) => matchesHost(pattern, host, port));
  }
}

function split(entries: readonly string[]): { categories: AddressCategory[]; hosts: HostPattern[] } {
  const categories: AddressCategory[] = [];
  const hosts: HostPattern[] = [];
  for (const entry of entries) {
    const category = addressCategories.find((name) => name === entry);
    if (category === undefined) hosts.push(parseHostPattern(entry));
    else categories.push(category);
  }
  return { categories, hosts };
}

function compilePolicy(policy: OutboundPolicy): ReadonlyMap<OutboundKind, CompiledRule> {
  return new Map(
    (Object.keys(policy) as OutboundKind[]).map((kind) => [kind, new CompiledRule(policy[kind] ?? {}, defaults[kind])]),
  );
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
}

function resolveProblem(host: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOTFOUND' || code === 'ENODATA') return `no such host ${host}`;
  return `${host} cannot be resolved${code === undefined ? '' : ` (${code})`}`;
}

/** A URL for messages: without user, password, query and fragment, which may hold secrets. */
export function showUrl(url: string | URL): string {
  const text = String(url);
  const cut = /[?#]/.exec(text);
  const bare = cut === null ? text : text.slice(0, cut.index);
  return bare.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/]*@/, '$1').slice(0, 300);
}
