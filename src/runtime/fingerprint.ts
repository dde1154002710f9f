import { createHash } from 'node:crypto';

/**
 * A hash that two configurations share exactly when they are equal, secrets included: what prints as `<secret>` is compared by what
 * it holds, and only the hash of it is kept.
 */
export function fingerprint(value: unknown): string {
  const hash = createHash('sha256');
  visit(value, (text) => hash.update(text));
  return hash.digest('hex');
}

function visit(value: unknown, write: (text: string) => void): void {
  if (typeof value !== 'object' || value === null) {
    write(`${typeof value}:${String(value)};`);
    return;
  }
  if ('reveal' in value && typeof value.reveal === 'function') {
    write(`reveal:${JSON.stringify((value as { reveal(): unknown }).reveal())};`);
    return;
  }
  if (value instanceof Map || Array.isArray(value)) {
    write(value instanceof Map ? 'map(' : 'list(');
    for (const item of value as Iterable<unknown>) visit(item, write);
    write(')');
    return;
  }
  if (value instanceof Set) {
    visit(['set', ...(value as ReadonlySet<unknown>)], write);
    return;
  }
  write('object(');
  for (const [key, item] of Object.entries(value)) {
    write(`${JSON.stringify(key)}=`);
    visit(item, write);
  }
  write(')');
}
