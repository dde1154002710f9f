const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/**
 * A number for a narrow place (axis, badge): thousands as `k`, `M`, …, at most `digits` significant digits, very small
 * and very large numbers as powers of ten.
 */
export function formatCompact(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '−Inf';
  const abs = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (abs === 0) return '0';
  if (abs < 1e-3) return sign + power(abs, digits);
  let rounded = Number(abs.toPrecision(digits));
  let i = 0;
  while (rounded >= 1000 && i < prefixes.length - 1) {
    rounded = Number((abs / 1000 ** (i + 1)).toPrecision(digits));
    i++;
  }
  if (rounded >= 1000) return sign + power(abs, digits);
  return `${sign}${rounded}${prefixes[i]}`;
}

function power(abs: number, digits: number): string {
  const [mantissa, exponent] = abs.toExponential(digits - 1).split('e') as [string, string];
  return `${Number(mantissa)}e${Number(exponent)}`;
}

/**
 * Labels of an axis: the ticks share one prefix and one number of decimals, so that they can be compared at a glance.
 *
 * @param ticks ascending tick values
 * @param increment distance of two ticks
 */
export function formatTicks(ticks: readonly number[], increment: number): string[] {
  const largest = ticks.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  if (largest === 0) return ticks.map(() => '0');
  if (largest < 1e-3 || largest >= 1e21) return ticks.map((v) => formatCompact(v, 3));
  let i = 0;
  while (largest >= 1000 ** (i + 1) && i < prefixes.length - 1) i++;
  const unit = 1000 ** i;
  const decimals = decimalsOf(increment / unit);
  return ticks.map((v) => {
    const text = (Math.abs(v) / unit).toFixed(decimals);
    if (Number(text) === 0) return '0';
    return `${v < 0 ? '−' : ''}${text}${prefixes[i]}`;
  });
}

/** Decimals that write the step in full: 2 for 0.25, of which one would make 1.3 out of 1.25. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 8; decimals++) {
    const scaled = step * 10 ** decimals;
    if (scaled > 0.5 && Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 8;
}

/** A count with separated thousands: `12 345`. */
export function formatCount(n: number): string {
  if (!Number.isFinite(n)) return '–';
  // U+2009 keeps a number together visually and never wraps into two numbers in a table cell.
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** A count with its noun: `1 series`, `3 rules`. */
export function formatCounted(n: number, one: string, several = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : several}`;
}

/** Bytes in binary units: `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = Math.abs(bytes);
  let i = 0;
  while (value >= 1023.5 && i < units.length - 1) {
    value /= 1024;
    i++;
  }
  return `${bytes < 0 ? '−' : ''}${i === 0 ? value : Number(value.toPrecision(3))} ${units[i]}`;
}

/** A sample value as the API writes it, as a number: `+Inf`, `-Inf` and `NaN` included. */
export function parseSampleValue(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return text === '' ? NaN : Number(text);
}
