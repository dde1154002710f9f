type Names = ReadonlySet<string>;

/** Hides a line, or shows it again. */
export function toggle(hidden: Names, name: string): Names {
  const next = new Set(hidden);
  if (!next.delete(name)) next.add(name);
  return next;
}

/** Hides all lines but one; where that one is alone already, shows them all. */
export function isolate(hidden: Names, names: readonly string[], name: string): Names {
  const others = names.filter((n) => n !== name);
  const isAlone = !hidden.has(name) && others.every((n) => hidden.has(n));
  return new Set(isAlone ? [] : others);
}
