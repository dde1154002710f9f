import { parsed } from './primitives.ts';
import { type Schema } from './schema.ts';
import { text } from './yaml-writer.ts';

const unitMs = { y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const unitNames = Object.keys(unitMs) as (keyof typeof unitMs)[];
/** Go's durations end at 2^63 - 1 nanoseconds, about 292 years. */
const maxDurationMs = Number((1n << 63n) / 1_000_000n);

/**
 * Prometheus's durations in milliseconds: `1h30m`, `90s`, `0`; units from the largest to the smallest, each once; a year has 365 days.
 *
 * @throws {Error} worded as Prometheus does
 * @see prometheus/common `model/time.go`, ParseDuration
 */
export function parseDuration(value: string): number {
  if (value === '0') return 0;
  if (value === '') throw new Error('empty duration string');
  const quoted = JSON.stringify(value);
  let totalMs = 0;
  let lastUnit = -1;
  let at = 0;
  while (at < value.length) {
    const digits = at;
    while (at < value.length && isDigit(value, at)) at++;
    const unitStart = at;
    while (at < value.length && !isDigit(value, at)) at++;
    if (unitStart === digits || at === unitStart) throw new Error(`not a valid duration string: ${quoted}`);
    const name = value.slice(unitStart, at);
    const unit = (unitNames as string[]).indexOf(name);
    if (unit < 0) throw new Error(`unknown unit ${JSON.stringify(name)} in duration ${quoted}`);
    if (unit <= lastUnit) throw new Error(`not a valid duration string: ${quoted}`);
    lastUnit = unit;
    totalMs += Number(value.slice(digits, unitStart)) * unitMs[unitNames[unit]];
    if (!(totalMs <= maxDurationMs)) throw new Error('duration out of range');
  }
  return totalMs;
}

function isDigit(value: string, at: number): boolean {
  const unit = value.charCodeAt(at);
  return unit >= 0x30 && unit <= 0x39;
}

/**
 * The form {@link parseDuration} reads, as Prometheus prints it: years and weeks only when nothing remains, `90d` and not `12w6d`.
 *
 * @param durationMs whole milliseconds; a negative duration gets a sign in front
 */
export function formatDuration(durationMs: number): string {
  let rest = Math.trunc(Math.abs(durationMs));
  if (rest === 0) return '0s';
  let result = durationMs < 0 ? '-' : '';
  for (const name of unitNames) {
    const unit = unitMs[name];
    if ((name === 'y' || name === 'w') && rest % unit !== 0) continue;
    const count = Math.floor(rest / unit);
    if (count === 0) continue;
    result += `${count}${name}`;
    rest -= count * unit;
  }
  return result;
}

/** A duration in milliseconds, written as {@link parseDuration} reads it. */
export function duration(): Schema<number> {
  return durationSchema;
}

const durationSchema: Schema<number> = parsed({
  type: 'duration',
  expected: 'a duration such as 30s or 1h30m',
  parse: parseDuration,
  zero: () => 0,
  isZero: (value) => value === 0,
  encode: (value) => text(formatDuration(value)),
});
