import { AccessConfigError } from './config-error.ts';
import { isPermission, permissions, type Permission } from './permission.ts';

const viewer = [
  'metrics.read',
  'query',
  'targets.read',
  'rules.read',
  'alerts.read',
  'silences.read',
  'dashboards.read',
] as const satisfies readonly Permission[];

/** The roles every server has; configured ones add to them and may not replace them. */
export const builtInRoles: Readonly<Record<string, readonly Permission[]>> = {
  viewer,
  editor: [...viewer, 'silences.create', 'silences.expire', 'dashboards.write'],
  writer: ['write'],
  admin: permissions,
};

export type Roles = ReadonlyMap<string, ReadonlySet<Permission>>;

/**
 * All roles by name, with everything their members bring.
 *
 * @param configured members of each role: permissions or names of other roles
 * @throws {AccessConfigError} for an unknown member, a role that contains itself, or a built-in role defined anew
 */
export function compileRoles(configured: Readonly<Record<string, readonly string[]>>): Roles {
  const roles = new Map<string, ReadonlySet<Permission>>();
  for (const [name, members] of Object.entries(builtInRoles)) roles.set(name, new Set(members));

  const open: string[] = [];
  const compile = (name: string): ReadonlySet<Permission> => {
    const known = roles.get(name);
    if (known !== undefined) return known;
    if (open.includes(name)) {
      throw new AccessConfigError(['roles', name], `role ${JSON.stringify(name)} contains itself`);
    }
    open.push(name);
    const granted = new Set<Permission>();
    configured[name]!.forEach((member, i) => {
      if (isPermission(member)) granted.add(member);
      else if (roles.has(member) || Object.hasOwn(configured, member)) {
        for (const permission of compile(member)) granted.add(permission);
      } else {
        throw new AccessConfigError(
          ['roles', name, i],
          `${JSON.stringify(member)} is neither a permission nor a role, expected one of ${permissions.join(', ')} or a role`,
        );
      }
    });
    open.pop();
    roles.set(name, granted);
    return granted;
  };
  for (const name of Object.keys(configured)) {
    if (Object.hasOwn(builtInRoles, name)) {
      throw new AccessConfigError(['roles', name], `role ${JSON.stringify(name)} is built in, choose another name`);
    }
    if (isPermission(name)) {
      throw new AccessConfigError(['roles', name], `${JSON.stringify(name)} is a permission, choose another name`);
    }
  }
  for (const name of Object.keys(configured)) compile(name);
  return roles;
}
