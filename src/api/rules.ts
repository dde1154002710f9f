import { createHash } from 'node:crypto';
import type { Scope } from '../access/index.ts';
import type { Labels, Matcher } from '../model/index.ts';
import { parseExpr, printExpr } from '../promql/index.ts';
import { ruleName, type Alert, type AlertingRule, type Rule, type RuleGroup } from '../rules/index.ts';
import { invalidParameter, success, type Params, type Route } from '../web/index.ts';
import { badData, parameter, parseBool, parseInteger, parseSelectors, reworded } from './request-params.ts';
import type { ApiServices, RuleSource } from './services.ts';
import { goTime, wholeNanoseconds } from './times.ts';

/** rules, alerts. */
export function ruleRoutes(services: ApiServices): Route[] {
  const print = createPrinter(services.promql);
  return [
    {
      path: '/api/v1/rules',
      methods: ['GET'],
      effect: 'read',
      permission: 'rules.read',
      summary: 'rule groups, their rules and how they fare',
      handler: ({ params, urlParams, scope }) => {
        const filter = filterOf(params, urlParams, services);
        const page = pageOf(urlParams);
        return success(listGroups(services.rules, filter, page, scope, print));
      },
    },
    {
      path: '/api/v1/alerts',
      methods: ['GET'],
      effect: 'read',
      permission: 'alerts.read',
      summary: 'pending and firing alerts',
      handler: ({ scope }) => {
        const alerts = services.rules.groups
          .flatMap((group) => group.rules)
          .flatMap((rule) => (rule.kind === 'alert' ? visibleAlerts(rule, scope) : []));
        return success({ alerts: alerts.map(alertJson) });
      },
    },
  ];
}

interface RuleFilter {
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly matchers: readonly (readonly Matcher[])[];
  readonly type: string;
  readonly excludeAlerts: boolean;
}

function filterOf(params: Params, urlParams: Params, { promql }: ApiServices): RuleFilter {
  const matchers = badData(() => parseSelectors(params.all('match[]'), promql));
  const type = urlParams.get('type').toLowerCase();
  if (type !== '' && type !== 'alert' && type !== 'record') {
    throw invalidParameter('type', `not supported value ${JSON.stringify(type)}`);
  }
  return {
    names: new Set(params.all('rule_name[]')),
    groups: new Set(params.all('rule_group[]')),
    files: new Set(params.all('file[]')),
    matchers,
    type,
    excludeAlerts: excludeAlertsOf(urlParams.get('exclude_alerts').toLowerCase()),
  };
}

function excludeAlertsOf(text: string): boolean {
  if (text === '') return false;
  return parameter('exclude_alerts', () => reworded('error converting exclude_alerts', () => parseBool(text)));
}

interface Page {
  /** 0: all. */
  readonly groupLimit: number;
  /** Where to go on; `''`: at the first group. */
  readonly token: string;
}

function pageOf(urlParams: Params): Page {
  const limit = urlParams.get('group_limit');
  const token = urlParams.get('group_next_token');
  if (token !== '' && limit === '') {
    throw invalidParameter('group_next_token', 'group_limit needs to be present in order to paginate over the groups');
  }
  if (limit === '') return { groupLimit: 0, token: '' };
  const groupLimit = parameter('group_limit', () =>
    reworded('group_limit needs to be a valid number', () => parseInteger(limit, 'ParseInt', 32)),
  );
  if (groupLimit <= 0) throw invalidParameter('group_limit', 'group_limit needs to be greater than 0');
  return { groupLimit, token };
}

function listGroups(rules: RuleSource, filter: RuleFilter, page: Page, scope: Scope, print: Print): unknown {
  const shown: unknown[] = [];
  let groupNextToken: string | undefined;
  let isFound = page.token === '';
  for (const group of rules.groups) {
    if (!isFound) {
      if (tokenOf(group) !== page.token) continue;
      isFound = true;
    }
    const { name, file, intervalMs, limit } = group.definition;
    if (filter.groups.size > 0 && !filter.groups.has(name)) continue;
    if (filter.files.size > 0 && !filter.files.has(file)) continue;
    const list = group.rules
      .filter((rule) => isAsked(rule, filter))
      .flatMap((rule) => ruleJson(rule, filter, scope, print) ?? []);
    // As in Prometheus, a group of which nothing is left is not shown.
    if (list.length === 0) continue;
    if (page.groupLimit > 0 && shown.length === page.groupLimit) {
      groupNextToken = tokenOf(group);
      break;
    }
    shown.push({
      name,
      file,
      rules: list,
      interval: intervalMs / 1000,
      limit,
      evaluationTime: wholeNanoseconds(group.durationSeconds),
      lastEvaluation: goTime(group.lastEvaluationMs),
    });
  }
  if (!isFound) {
    throw invalidParameter('group_next_token', `invalid group_next_token '${page.token}'. were rule groups changed?`);
  }
  return { groups: shown, ...(groupNextToken === undefined ? {} : { groupNextToken }) };
}

/** @see Prometheus `web/api/v1/api.go`, getRuleGroupNextToken (3.13) */
function tokenOf(group: RuleGroup): string {
  return createHash('sha256').update(`${group.definition.file};${group.definition.name}`).digest('hex');
}

function isAsked(rule: Rule, { names, matchers, type }: RuleFilter): boolean {
  if (names.size > 0 && !names.has(ruleName(rule))) return false;
  if (type !== '' && type !== rule.kind) return false;
  const { labels } = rule.definition;
  return matchers.length === 0 || matchers.some((set) => set.every((m) => m.matches(labels.get(m.name))));
}

/**
 * A rule; `undefined` for one that is not to be seen. Groups belong to the server: whoever sees some series only is shown alerting
 * rules with an alert among them, without the expression, which may name what is hidden.
 */
function ruleJson(rule: Rule, filter: RuleFilter, scope: Scope, print: Print): unknown {
  const { definition, status } = rule;
  const ending = {
    health: status.health,
    ...(status.lastError === undefined || !scope.isUnrestricted ? {} : { lastError: status.lastError }),
    evaluationTime: wholeNanoseconds(status.durationSeconds),
    lastEvaluation: goTime(status.lastEvaluationMs),
  };
  const query = scope.isUnrestricted ? print(definition.expr) : '';
  if (rule.kind === 'record') {
    if (!scope.isUnrestricted) return undefined;
    return { name: rule.definition.record, query, ...labelsJson(definition.labels), ...ending, type: 'recording' };
  }
  const alerts = visibleAlerts(rule, scope);
  if (!scope.isUnrestricted && alerts.length === 0) return undefined;
  return {
    state: scope.isUnrestricted ? rule.state : furthest(alerts),
    name: rule.definition.alert,
    query,
    duration: rule.definition.forMs / 1000,
    keepFiringFor: rule.definition.keepFiringForMs / 1000,
    labels: definition.labels,
    annotations: rule.definition.annotations,
    alerts: filter.excludeAlerts ? null : alerts.map(alertJson),
    ...ending,
    type: 'alerting',
  };
}

/** A recording rule without labels has no such member. */
function labelsJson(labels: Labels): object {
  return labels.size === 0 ? {} : { labels };
}

function visibleAlerts(rule: AlertingRule, scope: Scope): Alert[] {
  return rule.activeAlerts().filter((alert) => scope.sees(alert.labels));
}

function furthest(alerts: readonly Alert[]): string {
  return alerts.some(({ state }) => state === 'firing') ? 'firing' : 'pending';
}

function alertJson(alert: Alert): unknown {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    state: alert.state,
    activeAt: goTime(alert.activeAtMs),
    ...(alert.keepFiringSinceMs === undefined ? {} : { keepFiringSince: goTime(alert.keepFiringSinceMs) }),
    value: exponentForm(alert.value),
  };
}

/** Go's `strconv.FormatFloat(v, 'e', -1, 64)`: `0e+00`, `1.25e+01`. */
export function exponentForm(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = Object.is(value, -0) ? '-0e+0' : value.toExponential();
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

type Print = (expr: string) => string;

const MAX_PRINTED = 10_000;

/** Prints expressions as Prometheus does. They change with the configuration only and are listed often: each is printed once. */
function createPrinter(promql: ApiServices['promql']): Print {
  const printed = new Map<string, string>();
  return (expr) => {
    let text = printed.get(expr);
    if (text === undefined) {
      text = printExpr(parseExpr(expr, promql));
      if (printed.size >= MAX_PRINTED) printed.clear();
      printed.set(expr, text);
    }
    return text;
  };
}
