import { parsed } from './primitives.ts';
import { type Schema } from './schema.ts';
import { text } from './yaml-writer.ts';

const prefixes = ['', 'K', 'M', 'G', 'T', 'P', 'E'];

/**
 * A size in bytes: `512MB`, `1.5GiB`, `1GB512MB`, `0`; every unit is a power of 1024 and has to be there.
 *
 * @throws {Error} for anything else, and for sizes beyond 2^53 bytes
 * @see github.com/alecthomas/units `ParseBase2Bytes`
 */
export function parseSize(value: string): number {
  const wrong = (): Error => new Error(`not a valid size: ${JSON.stringify(value)}`);
  const match = /^([-+]?)(.*)$/s.exec(value);
  const body = match?.[2] ?? '';
  if (body === '0') return 0;
  if (body === '') throw wrong();
  const part = /(\d+(?:\.\d*)?|\.\d+)(?:([KMGTPE])(i?B)|(B))/y;
  let total = 0;
  let at = 0;
  let suffix: string | undefined;
  while (at < body.length) {
    part.lastIndex = at;
    const found = part.exec(body);
    if (!found) throw wrong();
    // The two families of names are not mixed: 1GiB512MB is no size.
    if (found[3] !== undefined) {
      if (suffix !== undefined && suffix !== found[3]) throw wrong();
      suffix = found[3];
    }
    total += Number(found[1]) * 1024 ** prefixes.indexOf(found[2] ?? '');
    at = part.lastIndex;
  }
  if (total > Number.MAX_SAFE_INTEGER) throw new Error(`size out of range: ${JSON.stringify(value)}`);
  const bytes = Math.trunc(total);
  return match?.[1] === '-' && bytes !== 0 ? -bytes : bytes;
}

/** A size as Prometheus prints it: `15MiB`, `1GiB512MiB`, `1B`; `0B` for nothing. */
export function formatSize(bytes: number): string {
  let rest = Math.trunc(Math.abs(bytes));
  if (rest === 0) return '0B';
  let result = '';
  for (const prefix of prefixes) {
    const digit = rest % 1024;
    if (digit !== 0) result = `${digit}${prefix === '' ? 'B' : `${prefix}iB`}${result}`;
    rest = Math.floor(rest / 1024);
  }
  return bytes < 0 ? `-${result}` : result;
}

/** A size in bytes, written as {@link parseSize} reads it. */
export function size(): Schema<number> {
  return sizeSchema;
}

const sizeSchema: Schema<number> = parsed({
  type: 'size',
  expected: 'a size such as 512MB',
  parse: parseSize,
  zero: () => 0,
  isZero: (value) => value === 0,
  encode: (value) => text(formatSize(value)),
});
