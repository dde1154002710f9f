import { builtInRoles, isPermission, permissionMeanings, permissions } from '../access/index.ts';
import type { Route } from '../web/index.ts';

/** Who may use what, as Markdown: made from the route table, so that it cannot be wrong about it. */
export function documentRoutes(routes: readonly Route[]): string {
  const rows = [...routes]
    .sort((a, b) => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1))
    .map((route) => [
      `\`${route.methods.join(' ')} ${route.path}\``,
      needs(route.permission),
      route.effect === 'change' ? 'yes' : '',
      route.beforeReady === true ? 'yes' : '',
      route.summary,
    ]);
  const roles = Object.keys(builtInRoles);
  return [
    '## Routes',
    '',
    table(['route', 'permission', 'changes something', 'answers before ready', 'what for'], rows),
    '',
    '## Permissions',
    '',
    table(
      ['permission', 'allows to', ...roles],
      permissions.map((permission) => [
        `\`${permission}\``,
        permissionMeanings[permission],
        ...roles.map((role) => (builtInRoles[role]!.includes(permission) ? '✔' : '')),
      ]),
    ),
    '',
  ].join('\n');
}

function needs(permission: Route['permission']): string {
  if (isPermission(permission)) return `\`${permission}\``;
  return permission === 'open' ? 'none' : 'any valid credential';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
