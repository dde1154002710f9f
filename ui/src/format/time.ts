/** Which clock times are shown and typed in. */
export type Zone = 'utc' | 'local';

const pad = (n: number, width = 2) => String(n).padStart(width, '0');

/** The calendar fields of an instant in a zone; months from 1. */
export function calendar(ms: number, zone: Zone) {
  const d = new Date(ms);
  return zone === 'utc'
    ? {
        year: d.getUTCFullYear(),
        month: d.getUTCMonth() + 1,
        day: d.getUTCDate(),
        hour: d.getUTCHours(),
        minute: d.getUTCMinutes(),
        second: d.getUTCSeconds(),
        ms: d.getUTCMilliseconds(),
      }
    : {
        year: d.getFullYear(),
        month: d.getMonth() + 1,
        day: d.getDate(),
        hour: d.getHours(),
        minute: d.getMinutes(),
        second: d.getSeconds(),
        ms: d.getMilliseconds(),
      };
}

/** `2026-03-01 12:00:05` in the zone; milliseconds are added only where there are some. `–` for no time. */
export function formatTime(ms: number, zone: Zone): string {
  if (!Number.isFinite(ms)) return '–';
  const c = calendar(ms, zone);
  const seconds = `${c.year}-${pad(c.month)}-${pad(c.day)} ${pad(c.hour)}:${pad(c.minute)}:${pad(c.second)}`;
  return c.ms === 0 ? seconds : `${seconds}.${pad(c.ms, 3)}`;
}

const timePattern = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?\s*(Z)?$/i;

/**
 * Milliseconds of what a person typed: `2026-03-01`, `2026-03-01 12:00`, with seconds or milliseconds, a `T` or a final
 * `Z` (then UTC whatever the zone), or Unix seconds (`1700000000`). `undefined` where it is none of these or no real date.
 */
export function parseTime(text: string, zone: Zone): number | undefined {
  const trimmed = text.trim();
  if (/^\d{9,11}(?:\.\d{1,3})?$/.test(trimmed)) return Math.round(Number(trimmed) * 1000);
  const match = timePattern.exec(trimmed);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fraction = Number((match[7] ?? '').padEnd(3, '0'));
  const inUtc = zone === 'utc' || match[8] !== undefined;
  const ms = inUtc
    ? Date.UTC(year, month - 1, day, hour, minute, second, fraction)
    : new Date(year, month - 1, day, hour, minute, second, fraction).getTime();
  const back = calendar(ms, inUtc ? 'utc' : 'local');
  // 31 February and 25 o'clock roll over in Date: refuse them. A local hour skipped by summer time rolls over too, and
  // is accepted, because the person meant the moment it became.
  if (month !== back.month || day !== back.day || hour > 23 || minute > 59 || second > 59) return undefined;
  return ms;
}

/**
 * Milliseconds of an RFC 3339 time from the API; `undefined` for Go's zero time ("never") and for what is no time.
 */
export function parseApiTime(text: string | undefined): number | undefined {
  if (text === undefined || text.startsWith('0001-01-01')) return undefined;
  const ms = Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
}
