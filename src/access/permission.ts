/**
 * What a route may ask for, each with what it allows. A route declares exactly one; roles bundle them.
 * The order is the order of the documentation.
 */
export const permissionMeanings = {
  health: 'ask whether the server is alive and ready; status only',
  'metrics.read': "read the server's own metrics, version and build",
  query: 'run queries and list series, labels, exemplars and metadata',
  'read.remote': 'read series through the remote read protocol',
  write: 'send samples',
  'targets.read': 'see scrape targets, scrape pools and Alertmanagers',
  'rules.read': 'see rules and their health',
  'alerts.read': 'see alerts',
  'alerts.post': 'send alerts',
  'silences.read': 'see silences',
  'silences.create': 'create and change silences',
  'silences.expire': 'end silences',
  'dashboards.read': 'see dashboards',
  'dashboards.write': 'create, change and delete dashboards',
  'config.read': 'see the configuration, the flags and the state of the process and its storage',
  admin: 'delete series, clean tombstones, take snapshots',
  lifecycle: 'reload the configuration, end the process',
  debug: 'profile the process',
  probe: 'let the server probe other hosts',
  'audit.read': 'read the audit trail',
  'tokens.manage': 'create and revoke tokens',
} as const;

export type Permission = keyof typeof permissionMeanings;

export const permissions = Object.keys(permissionMeanings) as readonly Permission[];

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(permissionMeanings, text);
}
