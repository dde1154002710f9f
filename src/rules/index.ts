export type { Alert, AlertNotice, AlertState } from './alert.ts';
export { AlertingRule, type ExpandTemplate } from './alerting.ts';
export { RuleGroup, groupKey, ruleName, type Rule } from './group.ts';
export { RuleManager, type RuleManagerContext } from './manager.ts';
export { RecordingRule } from './recording.ts';
export type { RestoreOptions } from './restore.ts';
export type {
  AlertingDefinition,
  EvaluateInstant,
  GroupDefinition,
  InstantSample,
  RecordingDefinition,
  RuleDefinition,
  RuleHealth,
} from './rule.ts';
export { type AlertingConfig, alertingConfigSchema, type AlertmanagerConfig } from './alertmanager-config.ts';
export {
  groupDefinitions,
  parseRuleFile,
  printRule,
  type RuleDefaults,
  type RuleFile,
  type RuleFileGroup,
  type RuleFileOptions,
  type RuleFileRule,
  ruleFileSchema,
} from './rulefile.ts';
export { alertTemplateProblem, alertTemplates, type AlertTemplateOptions } from './template.ts';
