const unitMs = { y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const durationPattern = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const secondsPattern = /^\d+(?:\.\d+)?$/;

/**
 * Milliseconds of a Prometheus duration (`1h30m`, `500ms`) or of a plain number of seconds (`15`, `0.5`);
 * `undefined` where the text is neither.
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (secondsPattern.test(trimmed)) return Math.round(Number(trimmed) * 1000);
  const match = durationPattern.exec(trimmed);
  if (match === null) return undefined;
  let totalMs = 0;
  Object.values(unitMs).forEach((ms, i) => {
    totalMs += Number(match[i + 1] ?? 0) * ms;
  });
  return Number.isSafeInteger(totalMs) ? totalMs : undefined;
}

/**
 * The shortest exact Prometheus duration: `5400000` is `1h30m`. Weeks and years are used only where nothing remains,
 * as Prometheus prints them.
 */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  if (rest <= 0) return '0s';
  let out = '';
  for (const [unit, size] of Object.entries(unitMs)) {
    const exactOnly = unit === 'y' || unit === 'w';
    if (rest < size || (exactOnly && rest % size !== 0)) continue;
    out += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return out;
}

/** A duration for reading, to three digits or two units: `812 µs`, `34.5 ms`, `1.25 s`, `3m 20s`, `2d 4h`. */
export function humanizeSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const sign = seconds < 0 ? '−' : '';
  const s = Math.abs(seconds);
  if (s === 0) return '0 s';
  if (s < 0.9995e-3) return `${sign}${threeDigits(s * 1e6)} µs`;
  if (s < 0.9995) return `${sign}${threeDigits(s * 1e3)} ms`;
  if (s < 59.95) return `${sign}${threeDigits(s)} s`;
  const whole = Math.round(s);
  const d = Math.floor(whole / 86_400);
  const h = Math.floor((whole % 86_400) / 3600);
  const m = Math.floor((whole % 3600) / 60);
  if (d > 0) return `${sign}${twoUnits(d, 'd', h, 'h')}`;
  if (h > 0) return `${sign}${twoUnits(h, 'h', m, 'm')}`;
  return `${sign}${twoUnits(m, 'm', whole % 60, 's')}`;
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function twoUnits(a: number, aUnit: string, b: number, bUnit: string): string {
  return b === 0 ? `${a}${aUnit}` : `${a}${aUnit} ${b}${bUnit}`;
}
