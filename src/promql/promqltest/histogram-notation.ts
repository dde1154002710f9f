import { type CounterResetHint, type FloatHistogram, type Span, floatHistogram, quoteGo } from '../../model/index.ts';
import { type TextScanner } from './text-scanner.ts';

const PLACE = 'histogram description';

/** What each descriptor is followed by. */
const descriptors = new Map<string, 'integer' | 'number' | 'width' | 'buckets' | 'hint'>([
  ['schema', 'integer'],
  ['sum', 'number'],
  ['count', 'number'],
  ['z_bucket', 'number'],
  ['z_bucket_w', 'width'],
  ['custom_values', 'buckets'],
  ['buckets', 'buckets'],
  ['offset', 'integer'],
  ['n_buckets', 'buckets'],
  ['n_offset', 'integer'],
  ['counter_reset_hint', 'hint'],
]);

const hints = new Map<string, CounterResetHint>([
  ['unknown', 'unknown'],
  ['reset', 'reset'],
  ['not_reset', 'no_reset'],
  ['gauge', 'gauge'],
]);

/**
 * A native histogram as scripts write it: `{{schema:1 sum:3 count:22 buckets:[5 10 7]}}`. The scanner stands behind the `{{`.
 *
 * @throws {ParseError}
 * @see Prometheus `promql/parser`, buildHistogramFromMap (3.14)
 */
export function scanHistogram(scanner: TextScanner): { histogram: FloatHistogram; hintGiven: boolean } {
  const integers = new Map<string, number>();
  const buckets = new Map<string, number[]>();
  let hint: CounterResetHint | undefined;
  const start = scanner.at;
  const spaced = scanner.skipSpaces();
  if (!scanner.skip('}}')) {
    if (spaced) scanner.unexpected('series values', '', start);
    do {
      const [name, kind] = scanDescriptor(scanner);
      const known = integers.has(name) || buckets.has(name) || (name === 'counter_reset_hint' && hint !== undefined);
      if (known) scanner.fail(`duplicate key "${name}" in histogram`, 0);
      switch (kind) {
        case 'integer':
          integers.set(name, scanInteger(scanner));
          break;
        case 'number':
          integers.set(name, scanner.skip('-') ? -scanner.number(PLACE) : scanner.number(PLACE));
          break;
        case 'width':
          integers.set(name, scanner.number(PLACE));
          break;
        case 'buckets':
          buckets.set(name, scanBuckets(scanner));
          break;
        case 'hint':
          hint = scanHint(scanner);
      }
      const more = scanner.skipSpaces();
      if (scanner.skip('}}')) break;
      if (!more) scanner.unexpected(PLACE, 'histogram description key, e.g. buckets:[5 10 7]');
    } while (true);
  }
  const [positiveSpans, positiveBuckets] = side(buckets.get('buckets'), integers.get('offset'));
  const [negativeSpans, negativeBuckets] = side(buckets.get('n_buckets'), integers.get('n_offset'));
  const histogram = floatHistogram({
    schema: integers.get('schema'),
    sum: integers.get('sum'),
    count: integers.get('count'),
    zeroCount: integers.get('z_bucket'),
    zeroThreshold: integers.get('z_bucket_w'),
    customValues: Float64Array.from(buckets.get('custom_values') ?? []),
    positiveSpans,
    positiveBuckets,
    negativeSpans,
    negativeBuckets,
    counterResetHint: hint,
  });
  return { histogram, hintGiven: hint !== undefined };
}

/** A descriptor with its colon. */
function scanDescriptor(
  scanner: TextScanner,
): [name: string, kind: 'integer' | 'number' | 'width' | 'buckets' | 'hint'] {
  const start = scanner.at;
  const word = scanner.take(/[A-Za-z_]+/y);
  if (word === '')
    scanner.fail(
      `histogram description incomplete unexpected: ${scanner.atEnd ? 'end of input' : scanner.text[start]}`,
    );
  const name = word.toLowerCase();
  const kind = descriptors.get(name);
  if (kind === undefined) scanner.fail(`bad histogram descriptor found: ${quoteGo(word)}`, start);
  if (!scanner.skip(':')) scanner.fail('missing `:` for histogram descriptor', start);
  return [name, kind];
}

function scanInteger(scanner: TextScanner): number {
  const start = scanner.at;
  const text = scanner.take(/-?[0-9]+/y);
  // Schemas and offsets are 32 bits wide.
  if (text === '' || Math.abs(Number(text)) > 0x7fffffff) scanner.unexpected('series values', 'whole number', start);
  return Number(text);
}

function scanBuckets(scanner: TextScanner): number[] {
  if (!scanner.skip('[')) scanner.unexpected('series values', '"["');
  const counts: number[] = [];
  for (;;) {
    counts.push(scanner.signedNumber('series values'));
    const spaced = scanner.skipSpaces();
    if (scanner.skip(']')) return counts;
    if (!spaced) scanner.unexpected('series values', 'space or "]"');
  }
}

function scanHint(scanner: TextScanner): CounterResetHint {
  const start = scanner.at;
  const word = scanner.take(/[A-Za-z_]*/y);
  const hint = hints.get(word.toLowerCase());
  if (hint === undefined) scanner.fail(`bad histogram descriptor found: ${quoteGo(word)}`, start);
  return hint;
}

/** Buckets in one run that begins at an offset. */
function side(counts: readonly number[] = [], offset = 0): [Span[], Float64Array] {
  return counts.length === 0
    ? [[], new Float64Array(0)]
    : [[{ offset, length: counts.length }], Float64Array.from(counts)];
}
