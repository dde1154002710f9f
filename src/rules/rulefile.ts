import { isValidLabelName, isValidMetricName, Labels, METRIC_NAME, type NameValidationScheme } from '../model/index.ts';
import {
  type ConfigError,
  decodeDocument,
  type Decoder,
  duration,
  encodeYaml,
  field,
  int,
  list,
  mapOf,
  object,
  type ObjectSchema,
  optional,
  parseYaml,
  string,
} from '../schema/index.ts';
import { type GroupDefinition, type RuleDefinition } from './rule.ts';

/** A rule as written: exactly one of `record` and `alert` is not empty. */
export interface RuleFileRule {
  readonly record: string;
  readonly alert: string;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** A group as written; zeros and `undefined` leave it to the globals. */
export interface RuleFileGroup {
  readonly name: string;
  readonly intervalMs: number;
  readonly queryOffsetMs: number | undefined;
  readonly limit: number;
  readonly rules: readonly RuleFileRule[];
  /** Given to every rule that has no such label itself. */
  readonly labels: ReadonlyMap<string, string>;
}

export interface RuleFileOptions {
  readonly nameValidationScheme: NameValidationScheme;
  /** Throws an Error for what is not a PromQL expression. */
  readonly parseExpr: (expr: string) => unknown;
  /** Throws an Error for a label or annotation that is not a template. */
  readonly checkTemplate: (alert: string, text: string) => unknown;
  readonly ignoreUnknownFields?: boolean;
}

export interface RuleFile {
  readonly groups: readonly RuleFileGroup[];
  /** Empty exactly when the file is fit for use. */
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly string[];
}

const ruleSchema = object<RuleFileRule>({
  name: 'rule',
  fields: {
    record: field('record', string()),
    alert: field('alert', string()),
    expr: field('expr', string(), { isAlwaysPrinted: true }),
    forMs: field('for', duration()),
    keepFiringForMs: field('keep_firing_for', duration()),
    labels: field('labels', mapOf(string())),
    annotations: field('annotations', mapOf(string())),
  },
});

const groupSchema = object<RuleFileGroup>({
  name: 'rule group',
  fields: {
    name: field('name', string(), { isAlwaysPrinted: true }),
    intervalMs: field('interval', duration()),
    queryOffsetMs: field('query_offset', optional(duration())),
    limit: field('limit', int()),
    rules: field('rules', list(ruleSchema, { skipsNull: true }), { isAlwaysPrinted: true }),
    labels: field('labels', mapOf(string())),
  },
});

/** A whole rule file. */
export const ruleFileSchema: ObjectSchema<{ readonly groups: readonly RuleFileGroup[] }> = object({
  name: 'rule file',
  fields: { groups: field('groups', list(groupSchema, { skipsNull: true }), { isAlwaysPrinted: true }) },
});

/**
 * Reads and checks a rule file. Never throws for a bad file.
 *
 * @see Prometheus `model/rulefmt/rulefmt.go`
 */
export function parseRuleFile(text: string | Uint8Array, file: string, options: RuleFileOptions): RuleFile {
  const document = parseYaml(text, file);
  const { value, errors, decoder } = decodeDocument(ruleFileSchema, document, {
    dialect: 'go-yaml-3',
    ignoreUnknown: options.ignoreUnknownFields ?? false,
  });
  const names = new Set<string>();
  for (const group of value.groups) {
    checkGroup(group, names, options, decoder);
    names.add(group.name);
  }
  const warnings = document.hasMore ? [`${file}: only the first of its YAML documents is read`] : [];
  return { groups: value.groups, errors, warnings };
}

function checkGroup(
  group: RuleFileGroup,
  names: ReadonlySet<string>,
  options: RuleFileOptions,
  decoder: Decoder,
): void {
  if (decoder.origin(group)?.fields.has('name') !== true || group.name === '') {
    decoder.failObject(group, 'name', 'Groupname must not be empty');
  } else if (names.has(group.name)) {
    decoder.failObject(group, 'name', `groupname: "${group.name}" is repeated in the same file`);
  }
  const labels = labelsProblem(group.labels, options.nameValidationScheme);
  if (labels !== undefined) decoder.failObject(group, 'labels', labels);
  group.rules.forEach((rule, i) => {
    if (decoder.origin(rule)?.isSound === false) return;
    const name = rule.alert === '' ? rule.record : rule.alert;
    const where = `group ${JSON.stringify(group.name)}, rule ${i + 1}, ${JSON.stringify(name)}`;
    checkRule(rule, options, (property, message) => {
      decoder.failObject(rule, property, `${where}: ${message}`);
    });
  });
}

type Fail = (property: keyof RuleFileRule | undefined, message: string) => void;

function checkRule(rule: RuleFileRule, options: RuleFileOptions, fail: Fail): void {
  if (rule.record !== '' && rule.alert !== '') fail('alert', "only one of 'record' and 'alert' must be set");
  if (rule.record === '' && rule.alert === '') fail(undefined, "one of 'record' or 'alert' must be set");
  if (rule.expr === '') fail('expr', "field 'expr' must be set in rule");
  else {
    const wrong = problemOf(() => options.parseExpr(rule.expr));
    if (wrong !== undefined) fail('expr', `could not parse expression: ${wrong}`);
  }
  if (rule.record !== '') checkRecording(rule, options, fail);
  const labels = labelsProblem(rule.labels, options.nameValidationScheme);
  if (labels !== undefined) fail('labels', labels);
  for (const name of rule.annotations.keys()) {
    if (!isValidLabelName(name, options.nameValidationScheme)) fail('annotations', `invalid annotation name: ${name}`);
  }
  if (rule.alert !== '') checkTemplates(rule, options, fail);
}

function checkRecording(rule: RuleFileRule, options: RuleFileOptions, fail: Fail): void {
  if (rule.annotations.size > 0) fail('annotations', "invalid field 'annotations' in recording rule");
  if (rule.forMs !== 0) fail('forMs', "invalid field 'for' in recording rule");
  if (rule.keepFiringForMs !== 0) fail('keepFiringForMs', "invalid field 'keep_firing_for' in recording rule");
  if (!isValidMetricName(rule.record, options.nameValidationScheme)) {
    fail('record', `invalid recording rule name: ${rule.record}`);
  }
  // Braces are valid UTF-8, but almost always an expression in the wrong place.
  if (/[{}]/.test(rule.record)) {
    fail('record', `braces present in the recording rule name; should it be in expr?: ${rule.record}`);
  }
}

function checkTemplates(rule: RuleFileRule, options: RuleFileOptions, fail: Fail): void {
  for (const [kind, property] of [
    ['label', 'labels'],
    ['annotation', 'annotations'],
  ] as const) {
    for (const [name, text] of rule[property]) {
      const wrong = problemOf(() => options.checkTemplate(rule.alert, text));
      if (wrong !== undefined) fail(property, `${kind} ${JSON.stringify(name)}: ${wrong}`);
    }
  }
}

function labelsProblem(labels: ReadonlyMap<string, string>, scheme: NameValidationScheme): string | undefined {
  for (const name of labels.keys()) {
    if (!isValidLabelName(name, scheme) || name === METRIC_NAME) return `invalid label name: ${name}`;
  }
  return undefined;
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What groups take from the `global` section where they say nothing. */
export interface RuleDefaults {
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
}

/** The groups of a file that had no errors, ready for the rule manager. */
export function groupDefinitions(file: string, ruleFile: RuleFile, defaults: RuleDefaults): GroupDefinition[] {
  return ruleFile.groups.map((group) => ({
    file,
    name: group.name,
    intervalMs: group.intervalMs === 0 ? defaults.evaluationIntervalMs : group.intervalMs,
    queryOffsetMs: group.queryOffsetMs ?? defaults.ruleQueryOffsetMs,
    limit: group.limit,
    rules: group.rules.map((rule) => ruleDefinition(rule, group.labels)),
  }));
}

function ruleDefinition(rule: RuleFileRule, groupLabels: ReadonlyMap<string, string>): RuleDefinition {
  const labels = Labels.fromPairs([...groupLabels, ...rule.labels]);
  if (rule.record !== '') return { kind: 'record', record: rule.record, expr: rule.expr, labels };
  return {
    kind: 'alert',
    alert: rule.alert,
    expr: rule.expr,
    forMs: rule.forMs,
    keepFiringForMs: rule.keepFiringForMs,
    labels,
    annotations: Labels.fromPairs(rule.annotations),
  };
}

/** A rule as YAML, as Prometheus shows it. */
export function printRule(rule: RuleFileRule): string {
  return encodeYaml(ruleSchema, rule);
}
