/**
 * A float as Prometheus's JSON API prints sample values: shortest digits, exponent form below 1e-6 and from 1e21 on, with at
 * least two exponent digits; `NaN`, `+Inf`, `-Inf`, `-0`.
 */
export function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const text = String(value);
  const code = text.charCodeAt(text.length - 1);
  if (code === 0x79) return value > 0 ? '+Inf' : '-Inf'; // Infinity
  const e = text.indexOf('e');
  if (e < 0) return text;
  // JS writes 1e-7 where Go writes 1e-07.
  const digits = text.length - e - 2;
  return digits < 2 ? `${text.slice(0, e + 2)}0${text.slice(e + 2)}` : text;
}

/** Go's `strconv.FormatFloat(v, 'f', -1, 64)`: shortest digits, never an exponent. For scalars, `count_values`, PromQL text. */
export function formatFloatPlain(value: number): string {
  const text = formatFloat(value);
  const e = text.indexOf('e');
  if (e < 0) return text;
  const exponent = Number(text.slice(e + 1));
  const sign = text.startsWith('-') ? '-' : '';
  const [whole, fraction = ''] = text.slice(sign.length, e).split('.') as [string, string?];
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits}${'0'.repeat(Math.max(0, point - digits.length))}`;
}

/**
 * Go's `strconv.FormatFloat(v, 'g', -1, 64)`, which `%v` prints too: shortest digits, exponent form when the decimal exponent is
 * below -4 or at least 6 (`123456789` is `1.23456789e+08`). For `{{ $value }}` and `le`.
 */
export function formatFloatGeneral(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatFloat(value);
  const text = value.toExponential();
  const e = text.indexOf('e');
  const exponent = Number(text.slice(e + 1));
  if (exponent >= -4 && exponent < 6) return formatFloatPlain(value);
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `${text.slice(0, e)}e${exponent < 0 ? '-' : '+'}${magnitude}`;
}

/**
 * Go's `strconv.ParseFloat` for text from outside: decimal and hexadecimal floats, underscores never, `Inf`/`Infinity`/`NaN` in
 * any case with a sign (NaN without). `undefined` where Go reports a syntax error; out of range gives ±Infinity like Go's value.
 */
export function parseFloatGo(text: string): number | undefined {
  if (decimal.test(text)) return Number(text);
  if (special.test(text)) {
    const lower = text.toLowerCase();
    if (lower === 'nan') return NaN;
    return lower.startsWith('-') ? -Infinity : Infinity;
  }
  const hex = hexadecimal.exec(text);
  if (hex === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent] = hex;
  if (whole + fraction === '') return undefined;
  let value = 0;
  for (const digit of whole + fraction) value = value * 16 + Number.parseInt(digit, 16);
  value *= 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const special = /^([+-]?inf(inity)?|nan)$/i;
const hexadecimal = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/;
