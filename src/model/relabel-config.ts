import {
  checkedString,
  type Decoder,
  field,
  int,
  list,
  object,
  type ObjectSchema,
  parsed,
  type Schema,
  string,
  text,
} from '../schema/index.ts';
import { isLegacyLabelName, isLegacyMetricName } from './labels.ts';
import { quoteGo } from './quote.ts';
import { LabelRegexp } from './regexp.ts';

/** Which names are taken: any UTF-8 text, or identifiers as before Prometheus 3. */
export type NameValidationScheme = 'utf8' | 'legacy';

const relabelActions = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;

export type RelabelAction = (typeof relabelActions)[number];

/** One step of relabelling, as configured. */
export interface RelabelConfig {
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  /** RE2 source, meant fully anchored and with `.` matching newlines; known to compile. */
  readonly regex: string;
  /** For `hashmod`; 0 elsewhere. */
  readonly modulus: number;
  readonly targetLabel: string;
  readonly replacement: string;
  readonly action: RelabelAction;
}

const defaultRegex = '(.*)';
const defaultReplacement = '$1';
const defaultSeparator = ';';

/** A label name as Prometheus 3 takes them in configurations: any text that is not empty. */
export function labelName(): Schema<string> {
  return labelNameSchema;
}

const labelNameSchema = checkedString(checkLabelName);

/** What is wrong with a label name, or nothing. */
export function checkLabelName(name: string): string | undefined {
  return name === '' ? `${quoteGo(name)} is not a valid label name` : undefined;
}

export function isValidLabelName(name: string, scheme: NameValidationScheme): boolean {
  return scheme === 'utf8' ? name !== '' : isLegacyLabelName(name);
}

export function isValidMetricName(name: string, scheme: NameValidationScheme): boolean {
  return scheme === 'utf8' ? name !== '' : isLegacyMetricName(name);
}

/** An anchored RE2 pattern, kept as its source. */
function regex(): Schema<string> {
  return parsed({
    type: 'regular expression',
    expected: 'RE2 syntax',
    parse(source) {
      LabelRegexp.compile(source);
      return source;
    },
    zero: () => '',
    isZero: (value) => value === defaultRegex,
    encode: (value) => text(value),
  });
}

const action: Schema<RelabelAction> = parsed<RelabelAction>({
  type: 'string',
  expected: `one of ${relabelActions.join(', ')}`,
  parse(given) {
    const found = relabelActions.find((name) => name === given.toLowerCase());
    if (found === undefined) throw new Error(`unknown relabel action ${quoteGo(given)}`);
    return found;
  },
  // Null: refused by checkRelabelConfig.
  zero: () => '' as RelabelAction,
  isZero: (value) => (value as string) === '',
  encode: (value) => text(value),
});

/** One entry of `relabel_configs`. What it accepts depends on the names the scrape allows: see {@link checkRelabelConfig}. */
export const relabelConfigSchema: ObjectSchema<RelabelConfig> = object<RelabelConfig>({
  name: 'relabel_config',
  fields: {
    sourceLabels: field('source_labels', list(labelName(), { isFlow: true })),
    separator: field('separator', string(), { default: defaultSeparator, isAlwaysPrinted: true }),
    regex: field('regex', regex(), { default: defaultRegex }),
    modulus: field('modulus', int({ min: 0 })),
    targetLabel: field('target_label', string()),
    replacement: field('replacement', string(), { default: defaultReplacement, isAlwaysPrinted: true }),
    action: field('action', action, { default: 'replace' }),
  },
});

/**
 * Checks a decoded step against its action, and reports to `decoder`.
 *
 * @param scheme the names allowed where the step is used
 * @see Prometheus `model/relabel/relabel.go`, Config.Validate
 */
export function checkRelabelConfig(config: RelabelConfig, scheme: NameValidationScheme, decoder: Decoder): void {
  const origin = decoder.origin(config);
  if (origin?.isSound === false) return;
  const problem = relabelProblem(config, scheme, (property) => origin?.fields.has(property) ?? false);
  if (problem !== undefined) decoder.failObject(config, problem.property, problem.message);
}

interface Problem {
  readonly message: string;
  readonly property?: keyof RelabelConfig;
}

function relabelProblem(
  config: RelabelConfig,
  scheme: NameValidationScheme,
  isGiven: (property: keyof RelabelConfig) => boolean,
): Problem | undefined {
  const { action: name, targetLabel, replacement } = config;
  if ((name as string) === '') return { message: 'relabel action cannot be empty', property: 'action' };
  if (name === 'hashmod' && config.modulus === 0) {
    return { message: 'relabel configuration for hashmod requires non-zero modulus', property: 'modulus' };
  }
  const isEqual = name === 'keepequal' || name === 'dropequal';
  const isCase = name === 'lowercase' || name === 'uppercase';
  const needsTarget = name === 'replace' || name === 'hashmod' || isCase || isEqual;
  if (needsTarget && targetLabel === '') {
    return { message: `relabel configuration for ${name} action requires 'target_label' value` };
  }

  const isTemplate = targetLabel.includes('$');
  const targetIsValid =
    name === 'replace' && isTemplate ? isValidTemplate(targetLabel, scheme) : isValidLabelName(targetLabel, scheme);
  if (needsTarget && !targetIsValid) {
    return {
      message: `${quoteGo(targetLabel)} is invalid 'target_label' for ${name} action`,
      property: 'targetLabel',
    };
  }
  if ((isCase || isEqual) && replacement !== defaultReplacement) {
    return { message: `'replacement' can not be set for ${name} action`, property: 'replacement' };
  }
  if (name === 'labelmap' && !isValidTemplate(replacement, scheme)) {
    return {
      message: `${quoteGo(replacement)} is invalid 'replacement' for ${name} action`,
      property: 'replacement',
    };
  }
  const hasOtherField =
    config.modulus !== 0 || config.separator !== defaultSeparator || replacement !== defaultReplacement;
  if (isEqual && (hasOtherField || isGiven('regex'))) {
    return { message: `${name} action requires only 'source_labels' and 'target_label', and no other fields` };
  }
  if (
    (name === 'labeldrop' || name === 'labelkeep') &&
    (hasOtherField || targetLabel !== '' || isGiven('sourceLabels'))
  ) {
    return { message: `${name} action requires only 'regex', and no other fields` };
  }
  return undefined;
}

/** A label name that may hold `$1` and `${name}`: in legacy names, those are the only additions. */
function isValidTemplate(value: string, scheme: NameValidationScheme): boolean {
  if (scheme === 'utf8') return value !== '';
  return /^(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))(?:\w|\$(?:\{\w+\}|\w+))*$/.test(value);
}
