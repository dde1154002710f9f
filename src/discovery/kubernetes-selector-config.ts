/**
 * What is wrong with a Kubernetes label selector (`app=web,tier in (a, b),!legacy`), or nothing.
 *
 * @see k8s.io/apimachinery `pkg/labels/selector.go`, Parse
 */
export function labelSelectorProblem(selector: string): string | undefined {
  let rest = selector.trim();
  if (rest === '') return undefined;
  for (;;) {
    const requirement =
      /^(?:(!)\s*([^\s,=!<>()]+)|([^\s,=!<>()]+)\s*(?:(=|==|!=)\s*([^\s,=!<>()]*)|(<|>)\s*([^\s,=!<>()]+)|\s(in|notin)\s*\(([^()]*)\))?)\s*/.exec(
        rest,
      );
    if (requirement === null) return unparsable(selector);
    const [whole, , absentKey, key, , value, comparison, bound, set, setValues] = requirement;
    const name = absentKey ?? key;
    if (!isQualifiedName(name)) return `invalid label key ${JSON.stringify(name)} in selector`;
    const values = set === undefined ? [value ?? ''] : setValues.split(',').map((v) => v.trim());
    const bad = values.find((v) => !isLabelValue(v));
    if (bad !== undefined) return `invalid label value ${JSON.stringify(bad)} in selector`;
    if (comparison !== undefined && !/^-?\d{1,18}$/.test(bound)) {
      return `for 'Gt', 'Lt' operators, the value must be an integer, got ${JSON.stringify(bound)}`;
    }
    rest = rest.slice(whole.length);
    if (rest === '') return undefined;
    if (!rest.startsWith(',')) return unparsable(selector);
    rest = rest.slice(1).trimStart();
    if (rest === '') return unparsable(selector);
  }
}

function unparsable(selector: string): string {
  return `unable to parse requirement in label selector ${JSON.stringify(selector)}`;
}

/**
 * What is wrong with a Kubernetes field selector (`metadata.name=a,status.phase!=Running`), or nothing.
 *
 * @see k8s.io/apimachinery `pkg/fields/selector.go`, ParseSelector
 */
export function fieldSelectorProblem(selector: string): string | undefined {
  // Commas and equals signs in values are escaped with a backslash.
  const terms = selector.replace(/\\[,=\\]/g, '_').split(',');
  for (const term of terms) {
    if (term === '') continue;
    if (term.includes('\\')) return `invalid field selector ${JSON.stringify(selector)}: bad escape`;
    if (!/^[^=!]*(!=|==?)[^=]*$/.test(term)) {
      return `invalid selector: ${JSON.stringify(selector)}; can't understand ${JSON.stringify(term)}`;
    }
  }
  return undefined;
}

function isQualifiedName(key: string): boolean {
  const parts = key.split('/');
  if (parts.length > 2) return false;
  const name = parts[parts.length - 1];
  const isName = name.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name);
  if (parts.length === 1) return isName;
  return (
    isName &&
    parts[0].length <= 253 &&
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(parts[0])
  );
}

function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(value));
}
