import { type AlertInstance, type AlertState, type RuleGroup } from '../api/index.ts';

/** An alerting rule with its instances, as the alerts page lists it. */
export interface Alert {
  readonly key: string;
  readonly name: string;
  readonly state: AlertState;
  /** Where the rule lies; empty where the reader may see alerts but no rules. */
  readonly group: string;
  readonly query: string | undefined;
  readonly instances: readonly AlertInstance[];
}

const rank: Record<AlertState, number> = { firing: 0, pending: 1, unknown: 2, inactive: 3 };

const bySeverity = (a: Alert, b: Alert): number => rank[a.state] - rank[b.state] || (a.name < b.name ? -1 : 1);

/** The alerts of the rules: firing first, then pending, each by name. */
export function alertsOfRules(groups: readonly RuleGroup[]): Alert[] {
  const alerts: Alert[] = [];
  for (const group of groups) {
    group.rules.forEach((rule, i) => {
      if (rule.type !== 'alerting') return;
      alerts.push({
        key: `${group.file}\0${group.name}\0${i}`,
        name: rule.name,
        state: rule.state,
        group: group.name,
        query: rule.query,
        instances: sortInstances(rule.alerts ?? []),
      });
    });
  }
  return alerts.sort(bySeverity);
}

/** The alerts of bare instances, by their names: what is left for readers without the permission to see rules. */
export function alertsOfInstances(instances: readonly AlertInstance[]): Alert[] {
  const byName = new Map<string, AlertInstance[]>();
  for (const instance of instances) {
    const name = instance.labels.alertname ?? '';
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [instance]);
    else list.push(instance);
  }
  return [...byName]
    .map(([name, list]): Alert => {
      const sorted = sortInstances(list);
      return { key: name, name, state: sorted[0]!.state, group: '', query: undefined, instances: sorted };
    })
    .sort(bySeverity);
}

function sortInstances(instances: readonly AlertInstance[]): AlertInstance[] {
  return [...instances].sort((a, b) => rank[a.state] - rank[b.state]);
}

/** Which alerts to show. */
export interface AlertFilter {
  readonly states: ReadonlySet<AlertState>;
  readonly text: string;
}

/** The alerts whose state and text pass. A text that an alert itself lacks narrows its instances. */
export function filterAlerts(alerts: readonly Alert[], filter: AlertFilter): Alert[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const holds = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const found: Alert[] = [];
  for (const alert of alerts) {
    if (!filter.states.has(alert.state)) continue;
    if (holds(`${alert.name} ${alert.group}`)) {
      found.push(alert);
      continue;
    }
    const instances = alert.instances.filter((instance) => holds(`${alert.name} ${textOf(instance)}`));
    if (instances.length > 0) found.push({ ...alert, instances });
  }
  return found;
}

function textOf(instance: AlertInstance): string {
  const labels = Object.entries(instance.labels).map(([name, value]) => `${name}=${value}`);
  return [...labels, ...Object.values(instance.annotations)].join(' ');
}
