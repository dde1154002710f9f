import { Expansion, LabelsBuilder, METRIC_NAME, Regexp, RegexpError, type Labels } from '../../model/index.ts';
import { executionError } from '../errors.ts';
import type { FunctionCall, LabelFunction } from '../functions-contract.ts';
import { isLabelName } from '../parse/grouping.ts';

/**
 * `label_replace(v, dst, replacement, src, regex)`: where the whole of `src` matches, `dst` becomes the replacement with `$1`, `${1}`,
 * `${name}` filled in; an empty result removes it.
 *
 * @see Prometheus `promql/functions.go`, evalLabelReplace (3.14)
 */
export const labelReplace: LabelFunction = {
  kind: 'label',
  compile(call) {
    const [, target, replacement, source, pattern] = stringsOf(call);
    const regexp = compilePattern(pattern);
    checkName('destination', target, 'label_replace');
    const template = new Expansion(replacement);
    // Values repeat from series to series far more than they differ.
    const known = new Map<string, string | undefined>();
    return {
      target: target,
      map(labels) {
        const value = labels.get(source);
        if (!known.has(value)) {
          const match = regexp.find(value);
          known.set(value, match && template.expand(match));
        }
        const replaced = known.get(value);
        return replaced === undefined ? labels : withLabel(labels, target, replaced);
      },
    };
  },
};

/**
 * `label_join(v, dst, separator, src…)`: `dst` becomes the values of the sources with the separator between.
 *
 * @see Prometheus `promql/functions.go`, evalLabelJoin (3.14)
 */
export const labelJoin: LabelFunction = {
  kind: 'label',
  compile(call) {
    const [, target, separator, ...sources] = stringsOf(call);
    for (const source of sources) checkName('source', source, 'label_join');
    checkName('destination', target, 'label_join');
    return {
      target: target,
      map: (labels) => withLabel(labels, target, sources.map((source) => labels.get(source)).join(separator)),
    };
  },
};

function checkName(role: string, name: string, func: string): void {
  if (!isLabelName(name)) throw executionError(`invalid ${role} label name in ${func}(): ${name}`);
}

function compilePattern(pattern: string): Regexp {
  try {
    return Regexp.anchored(pattern);
  } catch (error) {
    if (!(error instanceof RegexpError)) throw error;
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
}

/** The same set only where nothing is written: a metric name counts as written even when it stays what it was. */
function withLabel(labels: Labels, name: string, value: string): Labels {
  return labels.get(name) === value && name !== METRIC_NAME
    ? labels
    : new LabelsBuilder(labels).set(name, value).labels();
}

/** The string arguments, by position; the vector's place is empty. */
function stringsOf(call: FunctionCall): string[] {
  return Array.from({ length: call.argCount }, (_, i) => call.strings[i] ?? '');
}
