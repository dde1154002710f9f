import { sprintf } from '../template/index.ts';

const large = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const small = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];
const binary = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

const digits = (value: number) => sprintf('%.4g', [value]);

/** A number with a metric prefix: `1.234k`. @see Prometheus `template/template.go` */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return digits(value);
  let prefix = '';
  if (Math.abs(value) >= 1) {
    for (const next of large) {
      if (Math.abs(value) < 1000) break;
      prefix = next;
      value /= 1000;
    }
  } else {
    [value, prefix] = scaledUp(value);
  }
  return digits(value) + prefix;
}

/** A number with a binary prefix: `1.5Mi`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return digits(value);
  let prefix = '';
  for (const next of binary) {
    if (Math.abs(value) < 1024) break;
    prefix = next;
    value /= 1024;
  }
  return digits(value) + prefix;
}

/** Seconds as days, hours, minutes and seconds: `1d 2h 3m 4s`, `1.234s`, `5ms`. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return digits(seconds);
  if (seconds === 0) return `${digits(seconds)}s`;
  if (Math.abs(seconds) < 1) {
    const [value, prefix] = scaledUp(seconds);
    return `${digits(value)}${prefix}s`;
  }
  const sign = seconds < 0 ? '-' : '';
  const size = Math.abs(seconds);
  const whole = Math.trunc(size);
  const [d, h, m, s] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (d > 0) return `${sign}${d}d ${h}h ${m}m ${s}s`;
  if (h > 0) return `${sign}${h}h ${m}m ${s}s`;
  if (m > 0) return `${sign}${m}m ${s}s`;
  return `${sign}${digits(size)}s`;
}

/** A ratio as percent: `12.34%`. */
export function humanizePercentage(ratio: number): string {
  return `${digits(ratio * 100)}%`;
}

/** Seconds since the epoch as Go prints a UTC time: `2015-07-02 08:55:45.1 +0000 UTC`. */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return digits(seconds);
  const whole = Math.floor(seconds);
  const date = new Date(whole * 1000);
  if (Number.isNaN(date.getTime())) throw new Error(`timestamp ${seconds} is out of range`);
  const nanos = Math.round((seconds - whole) * 1e9);
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${date.toISOString().slice(0, 19).replace('T', ' ')}${fraction} +0000 UTC`;
}

function scaledUp(value: number): [value: number, prefix: string] {
  let prefix = '';
  for (const next of small) {
    if (Math.abs(value) >= 1) break;
    prefix = next;
    value *= 1000;
  }
  return [value, prefix];
}
