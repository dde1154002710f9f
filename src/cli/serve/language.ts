import { languageFeatures, type ParseOptions } from '../../promql/index.ts';

/** Every name `--enable-feature` knows; others only warn. `false`: known to Prometheus, without effect here. */
const known: Readonly<Record<string, boolean>> = {
  'concurrent-rule-eval': false,
  'created-timestamp-zero-ingestion': false,
  'delayed-compaction': false,
  'exemplar-storage': true,
  'extra-scrape-metrics': true,
  'fast-startup': false,
  'histograms-st-encoding': false,
  'memory-snapshot-on-shutdown': false,
  'metadata-wal-records': true,
  'native-histograms': true,
  'old-ui': false,
  'ooo-native-histograms': true,
  'otlp-deltatocumulative': false,
  'otlp-native-delta-ingestion': false,
  'promql-binop-fill-modifiers': true,
  'promql-delayed-name-removal': true,
  'promql-duration-expr': true,
  'promql-experimental-functions': true,
  'promql-extended-range-selectors': true,
  'promql-per-step-stats': true,
  'search-api': false,
  'st-storage': false,
  'st-synthesis': false,
  'type-and-unit-labels': true,
  'use-start-timestamps': true,
  'use-uncached-io': false,
  'xor2-encoding': false,
};

/** What is to be said of the features that were asked for. */
export function featureWarnings(features: readonly string[]): string[] {
  return features.flatMap((name) => {
    if (!(name in known)) return [`Unknown option '${name}' for --enable-feature`];
    return known[name] === true ? [] : [`The feature '${name}' has no effect here yet`];
  });
}

/** The parts of PromQL that are on. */
export function languageOf(features: readonly string[]): ParseOptions {
  return {
    enableExperimentalFunctions: features.includes('promql-experimental-functions'),
    enableExtendedRangeSelectors: features.includes('promql-extended-range-selectors'),
    enableBinopFillModifiers: features.includes('promql-binop-fill-modifiers'),
  };
}

/** For /api/v1/features: category → feature → whether it is on. */
export function featureTable(language: ParseOptions): Readonly<Record<string, Readonly<Record<string, boolean>>>> {
  const { promql, promql_operators, promql_functions } = languageFeatures(language);
  return { promql, promql_operators, promql_functions };
}
