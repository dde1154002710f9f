import {
  boolean,
  type Check,
  field,
  list,
  object,
  type ObjectSchema,
  type Schema,
  string,
  type Writable,
} from '../schema/index.ts';

/** How OTLP's names become metric and label names. */
export type TranslationStrategy =
  | 'UnderscoreEscapingWithSuffixes'
  | 'UnderscoreEscapingWithoutSuffixes'
  | 'NoUTF8EscapingWithSuffixes'
  | 'NoTranslation';

/** The OTLP receiver. */
export interface OtlpConfig {
  readonly promoteAllResourceAttributes: boolean;
  /** Resource attributes that become labels. */
  readonly promoteResourceAttributes: readonly string[];
  /** Those that do not, when all others do. */
  readonly ignoreResourceAttributes: readonly string[];
  readonly translationStrategy: TranslationStrategy;
  readonly keepIdentifyingResourceAttributes: boolean;
  readonly convertHistogramsToNhcb: boolean;
  readonly promoteScopeMetadata: boolean;
  readonly labelNameUnderscoreSanitization: boolean;
  readonly labelNamePreserveMultipleUnderscores: boolean;
}

/** The `otlp` section. Whether its strategy fits the names the globals allow is checked with the whole file. */
export const otlpConfigSchema: ObjectSchema<OtlpConfig> = object<OtlpConfig>({
  name: 'otlp',
  fields: {
    promoteAllResourceAttributes: field('promote_all_resource_attributes', boolean()),
    promoteResourceAttributes: field('promote_resource_attributes', list(string())),
    ignoreResourceAttributes: field('ignore_resource_attributes', list(string())),
    translationStrategy: field('translation_strategy', string() as Schema<string> as Schema<TranslationStrategy>, {
      default: 'UnderscoreEscapingWithSuffixes',
    }),
    keepIdentifyingResourceAttributes: field('keep_identifying_resource_attributes', boolean()),
    convertHistogramsToNhcb: field('convert_histograms_to_nhcb', boolean()),
    promoteScopeMetadata: field('promote_scope_metadata', boolean()),
    labelNameUnderscoreSanitization: field('label_name_underscore_sanitization', boolean(), { default: true }),
    labelNamePreserveMultipleUnderscores: field('label_name_preserve_multiple_underscores', boolean(), {
      default: true,
    }),
  },
  refine: checkAttributes,
});

function checkAttributes(config: Writable<OtlpConfig>, check: Check<OtlpConfig>): void {
  if (config.promoteAllResourceAttributes) {
    if (config.promoteResourceAttributes.length > 0) {
      check.fail(
        "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously",
        'promoteResourceAttributes',
      );
      return;
    }
    config.ignoreResourceAttributes = config.ignoreResourceAttributes.map((a) => a.trim());
    const problem = attributesProblem(config.ignoreResourceAttributes, 'ignored');
    if (problem !== undefined)
      check.fail(`invalid 'ignore_resource_attributes': ${problem}`, 'ignoreResourceAttributes');
    return;
  }
  if (config.ignoreResourceAttributes.length > 0) {
    check.fail(
      "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true",
      'ignoreResourceAttributes',
    );
    return;
  }
  config.promoteResourceAttributes = config.promoteResourceAttributes.map((a) => a.trim());
  const problem = attributesProblem(config.promoteResourceAttributes, 'promoted');
  if (problem !== undefined)
    check.fail(`invalid 'promote_resource_attributes': ${problem}`, 'promoteResourceAttributes');
}

function attributesProblem(attributes: readonly string[], adjective: string): string | undefined {
  const seen = new Set<string>();
  for (const attribute of attributes) {
    if (attribute === '') return `empty ${adjective} OTel resource attribute`;
    if (seen.has(attribute)) return `duplicated ${adjective} OTel resource attribute ${JSON.stringify(attribute)}`;
    seen.add(attribute);
  }
  return undefined;
}

/** What is wrong with a translation strategy where metric names are checked as `scheme` says, or nothing. */
export function translationStrategyProblem(strategy: string, scheme: 'utf8' | 'legacy'): string | undefined {
  switch (strategy) {
    case '':
    case 'UnderscoreEscapingWithSuffixes':
    case 'UnderscoreEscapingWithoutSuffixes':
      return undefined;
    case 'NoTranslation':
    case 'NoUTF8EscapingWithSuffixes':
      return scheme === 'legacy'
        ? `OTLP translation strategy ${JSON.stringify(strategy)} is not allowed when UTF8 is disabled`
        : undefined;
    default:
      return `unsupported OTLP translation strategy ${JSON.stringify(strategy)}`;
  }
}
