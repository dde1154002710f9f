import type { Matcher } from '../model/index.ts';
import type { AccessConfig, BindingConfig } from './access-config.ts';
import { AccessConfigError } from './config-error.ts';
import type { Identity } from './identity.ts';
import { noLimits, strictest, type Limits } from './limits.ts';
import { NamePattern, bindCaptures, placeholdersOf } from './name-pattern.ts';
import { isPermission, permissions, type Permission } from './permission.ts';
import { compileRoles } from './role.ts';
import { Scope, type Alternatives } from './scope.ts';

/** What one binding gives one identity: these permissions, on these series, at this cost. Never mixed with another grant's. */
export interface Grant {
  readonly permissions: ReadonlySet<Permission>;
  readonly alternatives: Alternatives;
  readonly limits: Limits;
  readonly templatesOnly: boolean;
}

export type Decision =
  | { readonly allowed: true; readonly scope: Scope }
  /** `templates_only`: the permission is there, but for registered queries only. */
  | { readonly allowed: false; readonly reason: 'missing' | 'templates_only' };

/** Parses a series selector such as `{team="a"}`. @throws {Error} when it is none */
export type ParseSelector = (text: string) => readonly Matcher[];

interface Binding {
  readonly applies: (identity: Identity) => ReadonlyMap<string, string>[];
  readonly grant: Grant;
}

const everything: ReadonlySet<Permission> = new Set(permissions);

/** Who may do what. Immutable: a reload makes a new one. */
export class Policy {
  readonly #anonymous: ReadonlySet<Permission>;
  readonly #bindings: readonly Binding[];
  readonly #grants = new WeakMap<Identity, readonly Grant[]>();

  constructor(anonymous: ReadonlySet<Permission>, bindings: readonly Binding[]) {
    this.#anonymous = anonymous;
    this.#bindings = bindings;
  }

  /** Whether the permission needs no credential. */
  isOpen(permission: Permission): boolean {
    return this.#anonymous.has(permission);
  }

  /** All permissions of the identity, in the order of the documentation, those that need no credential included. */
  permissionsOf(identity: Identity): readonly Permission[] {
    const grants = this.grantsOf(identity);
    return permissions.filter((p) => this.#anonymous.has(p) || grants.some((grant) => grant.permissions.has(p)));
  }

  /** Whether the identity may use the permission, and on what. */
  decide(identity: Identity, permission: Permission): Decision {
    if (this.#anonymous.has(permission)) return { allowed: true, scope: new Scope(undefined) };
    const holding = this.grantsOf(identity).filter((grant) => grant.permissions.has(permission));
    if (holding.length === 0) return { allowed: false, reason: 'missing' };
    const free = holding.filter((grant) => !grant.templatesOnly);
    if (free.length === 0) return { allowed: false, reason: 'templates_only' };
    return { allowed: true, scope: scopeOf(free) };
  }

  grantsOf(identity: Identity): readonly Grant[] {
    let grants = this.#grants.get(identity);
    if (grants === undefined) {
      grants = this.#bindings.flatMap(({ applies, grant }) =>
        applies(identity).map((captures) => bindGrant(grant, captures)),
      );
      this.#grants.set(identity, grants);
    }
    return grants;
  }
}

/**
 * The union of the grants: a series is visible when one of them shows it. A grant on every series already holds the others, so then
 * only such grants count. The limits are the strictest of what counts, because a query runs under all of it at once.
 */
function scopeOf(grants: readonly Grant[]): Scope {
  const unrestricted = grants.filter((grant) => grant.alternatives === undefined);
  const counting = unrestricted.length > 0 ? unrestricted : grants;
  const limits = counting.map((grant) => grant.limits).reduce(strictest);
  if (unrestricted.length > 0) return new Scope(undefined, limits);
  const alternatives = new Map<string, readonly Matcher[]>();
  for (const matchers of counting.flatMap((grant) => grant.alternatives!)) {
    alternatives.set(matchers.map(String).sort().join(), matchers);
  }
  return new Scope([...alternatives.values()], limits);
}

function bindGrant(grant: Grant, captures: ReadonlyMap<string, string>): Grant {
  if (captures.size === 0 || grant.alternatives === undefined) return grant;
  return { ...grant, alternatives: grant.alternatives.map((set) => set.map((m) => bindCaptures(m, captures))) };
}

/**
 * The policy of an access file.
 *
 * @throws {AccessConfigError} for anything that cannot hold: unknown names, unparsable selectors, placeholders without a capture
 */
export function compilePolicy(config: AccessConfig, parseSelector: ParseSelector): Policy {
  const anonymous = config.anonymous.map((name, i) => {
    if (isPermission(name)) return name;
    throw new AccessConfigError(['anonymous', i], `${quoted(name)} is not a permission`);
  });
  const roles = compileRoles(config.roles);
  const tokenNames = new Set(config.tokens.map((token) => token.name));
  const bindings = config.bindings.map((binding, i): Binding => {
    const at = ['bindings', i] as const;
    const granted = roles.get(binding.role);
    if (granted === undefined) {
      throw new AccessConfigError(
        [...at, 'role'],
        `no role ${quoted(binding.role)}, expected one of ${[...roles.keys()].join(', ')}`,
      );
    }
    if (binding.token !== undefined && !tokenNames.has(binding.token)) {
      throw new AccessConfigError([...at, 'token'], `no token ${quoted(binding.token)} under tokens`);
    }
    if (binding.limits !== undefined && !Object.hasOwn(config.limits, binding.limits)) {
      throw new AccessConfigError([...at, 'limits'], `no entry ${quoted(binding.limits)} under limits`);
    }
    const { applies, captures } = subjectOf(binding, at);
    return {
      applies,
      grant: {
        permissions: granted,
        alternatives: alternativesOf(binding, captures, parseSelector, at),
        limits: binding.limits === undefined ? noLimits : config.limits[binding.limits]!,
        templatesOnly: binding.templatesOnly === true,
      },
    };
  });
  return new Policy(new Set(anonymous), [...ownBindings, ...bindings]);
}

const none: ReadonlyMap<string, string>[] = [];
const once: ReadonlyMap<string, string>[] = [new Map()];

function subjectOf(
  binding: BindingConfig,
  at: readonly (string | number)[],
): { applies: Binding['applies']; captures: readonly string[] } {
  const { user, group, token } = binding;
  if ([user, group, token].filter((subject) => subject !== undefined).length !== 1) {
    throw new AccessConfigError(at, 'a binding names exactly one of user, group and token');
  }
  if (user !== undefined) {
    return { applies: (i) => (i.kind === 'user' && i.name === user ? once : none), captures: [] };
  }
  if (token !== undefined) {
    return { applies: (i) => (i.kind === 'token' && i.name === token ? once : none), captures: [] };
  }
  let pattern: NamePattern;
  try {
    pattern = new NamePattern(group!);
  } catch (error) {
    throw new AccessConfigError([...at, 'group'], `${quoted(group!)}: ${(error as Error).message}`);
  }
  // Every group that matches counts: an identity of two teams sees both.
  const applies = (identity: Identity) => identity.groups.flatMap((name) => pattern.match(name) ?? []);
  return { applies, captures: pattern.captures };
}

function alternativesOf(
  binding: BindingConfig,
  captures: readonly string[],
  parseSelector: ParseSelector,
  at: readonly (string | number)[],
): Alternatives {
  if (binding.scope === undefined) return undefined;
  if (binding.scope.length === 0) {
    throw new AccessConfigError([...at, 'scope'], 'no selector; leave scope out to give access to every series');
  }
  return binding.scope.map((text, i) => {
    let matchers: readonly Matcher[];
    try {
      matchers = parseSelector(text);
    } catch (error) {
      throw new AccessConfigError([...at, 'scope', i], `${quoted(text)}: ${(error as Error).message}`);
    }
    for (const name of matchers.flatMap(placeholdersOf)) {
      if (!captures.includes(name)) {
        throw new AccessConfigError(
          [...at, 'scope', i],
          `$${name} is not a capture of the binding's group; a dollar sign is written $$`,
        );
      }
    }
    // Without captures nothing will be bound later, but $$ still stands for a dollar sign.
    return captures.length === 0 ? matchers.map((m) => bindCaptures(m, new Map())) : matchers;
  });
}

/** What the server's own parts and `--insecure` may do, whatever the file says. */
const ownBindings: readonly Binding[] = [
  {
    applies: (identity) => (identity.kind === 'system' ? once : none),
    grant: {
      permissions: new Set<Permission>(['metrics.read']),
      alternatives: undefined,
      limits: noLimits,
      templatesOnly: false,
    },
  },
  {
    applies: (identity) => (identity.kind === 'insecure' ? once : none),
    grant: { permissions: everything, alternatives: undefined, limits: noLimits, templatesOnly: false },
  },
];

function quoted(text: string): string {
  return JSON.stringify(text);
}
