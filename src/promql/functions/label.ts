import { RE2JS } from 're2js';
import { LabelsBuilder, METRIC_NAME, type Labels } from '../../model/index.ts';
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
    const regexp = compilePattern(pattern!);
    if (!isLabelName(target!)) throw executionError(`invalid destination label name in label_replace(): ${target}`);
    const template = parseTemplate(replacement!, regexp);
    // Values repeat from series to series far more than they differ.
    const known = new Map<string, string | undefined>();
    return {
      target: target!,
      map(labels) {
        const value = labels.get(source!);
        if (!known.has(value)) known.set(value, expand(regexp, template, value));
        const replaced = known.get(value);
        return replaced === undefined ? labels : withLabel(labels, target!, replaced);
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
    for (const source of sources) {
      if (!isLabelName(source)) throw executionError(`invalid source label name in label_join(): ${source}`);
    }
    if (!isLabelName(target!)) throw executionError(`invalid destination label name in label_join(): ${target}`);
    return {
      target: target!,
      map: (labels) => withLabel(labels, target!, sources.map((source) => labels.get(source)).join(separator!)),
    };
  },
};

/** A piece of a replacement: literal text, or the number of a group. */
type TemplatePart = string | number;

/**
 * Reads a replacement as Go's `regexp.Expand` does: `$name` takes as many letters, digits and underscores as it can, `$$` is a dollar, a
 * dollar before anything else stands for itself, and a group that does not exist is empty.
 */
function parseTemplate(template: string, regexp: RE2JS): TemplatePart[] {
  const parts: TemplatePart[] = [];
  const groups = regexp.namedGroups() as Readonly<Record<string, number>>;
  let literal = '';
  let at = 0;
  for (;;) {
    const dollar = template.indexOf('$', at);
    literal += template.slice(at, dollar < 0 ? undefined : dollar);
    if (dollar < 0) break;
    referencePattern.lastIndex = dollar;
    const reference = referencePattern.exec(template);
    at = dollar + (reference?.[0].length ?? 1);
    const name = reference?.[1] ?? reference?.[2];
    if (name === undefined) {
      literal += '$';
      continue;
    }
    const group = numberPattern.test(name) ? Number(name) : Object.hasOwn(groups, name) ? groups[name]! : -1;
    if (group < 0 || group > regexp.groupCount()) continue;
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(group);
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

const referencePattern = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/uy;
const numberPattern = /^(0|[1-9]\d{0,7})$/;

function expand(regexp: RE2JS, template: readonly TemplatePart[], value: string): string | undefined {
  const matcher = regexp.matcher(value);
  if (!matcher.matches()) return undefined;
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : (matcher.group(part) ?? '');
  return text;
}

function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${pattern})$`);
  } catch {
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
