/** Longest first, in the order Prometheus prints and reads them. */
const units: readonly (readonly [suffix: string, ms: number])[] = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** Go's int64 nanoseconds bound every Prometheus duration. */
const MAX_DURATION_MS = 9_223_372_036_854;

/**
 * Milliseconds of a Prometheus duration (`1h30m`, `90s`, `0`): whole numbers, longest unit first, each once. `undefined` for anything else.
 *
 * @see Prometheus common `model/time.go`, ParseDuration
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (text === '') return undefined;
  let at = 0;
  let total = 0;
  for (const [suffix, ms] of units) {
    let end = at;
    while (end < text.length && text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++;
    if (end === at || !text.startsWith(suffix, end)) continue;
    // `m` is also the beginning of `ms`.
    if (suffix === 'm' && text.charCodeAt(end + 1) === 0x73) continue;
    total += Number(text.slice(at, end)) * ms;
    at = end + suffix.length;
  }
  return at === text.length && total <= MAX_DURATION_MS ? total : undefined;
}

/** A duration in ms as Prometheus prints it: `1h30m`, `15s`, `0s`; weeks and years only when exact. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = Math.abs(ms);
  let text = ms < 0 ? '-' : '';
  for (const [suffix, unit] of units) {
    // Weeks and years are not exact for people: used only when nothing is left over.
    if ((suffix === 'y' || suffix === 'w') && rest % unit !== 0) continue;
    const count = Math.floor(rest / unit);
    if (count > 0) text += `${count}${suffix}`;
    rest -= count * unit;
  }
  return text;
}
