import { type Bucket } from '../../api/index.ts';
import { formatCompact, parseSampleValue } from '../../format/number.ts';

const brackets: readonly (readonly [string, string])[] = [
  ['(', ']'],
  ['[', ')'],
  ['(', ')'],
  ['[', ']'],
];

/** A bucket's bounds in interval notation: `(0.5, 1]`. */
export function interval(bucket: Bucket): string {
  const [open, close] = brackets[bucket[0]] ?? brackets[0]!;
  return `${open}${formatCompact(parseSampleValue(bucket[1]))}, ${formatCompact(parseSampleValue(bucket[2]))}${close}`;
}
