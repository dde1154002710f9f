import { formatTime, type Zone } from '../format/time.ts';

/** A name and what it says. */
export type Fact = readonly [name: string, text: string];

/** `startTime` as `Start time`, `GOMAXPROCS` as it is. */
export function humanizeKey(key: string): string {
  if (key === key.toUpperCase()) return key;
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(' ')
    .map((word) => (word.length > 1 && word === word.toUpperCase() ? word : word.toLowerCase()));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * The entries of a status object for reading: times in the zone, yes and no, nothing as a dash. Servers differ in what
 * they tell: whatever there is is shown.
 */
export function toFacts(status: Readonly<Record<string, unknown>>, zone: Zone): Fact[] {
  return Object.entries(status).map(([key, value]) => [humanizeKey(key), textOf(value, zone)]);
}

function textOf(value: unknown, zone: Zone): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value === null || value === undefined ? '–' : JSON.stringify(value);
  if (value === '') return '–';
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value)) {
    const ms = Date.parse(value);
    if (Number.isFinite(ms)) return `${formatTime(Math.floor(ms / 1000) * 1000, zone)}${zone === 'utc' ? ' UTC' : ''}`;
  }
  return value;
}
