/** Decimal digits `0.d₁d₂… × 10^point` of a positive finite number, without trailing zeros. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

/**
 * A float as Go's `strconv.FormatFloat(value, verb, precision, 64)`; rounds exactly, ties to even.
 *
 * @param precision digits after the point (`e`, `f`) or significant ones (`g`); -1 for the fewest that read back the same
 * @see Go `strconv/ftoa.go`
 */
export function formatFloat(value: number, verb: 'e' | 'f' | 'g', precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (precision < 0) {
    const shortest = shortestDigits(size);
    switch (verb) {
      case 'e':
        return sign + exponential(shortest, Math.max(shortest.digits.length - 1, 0));
      case 'f':
        return sign + fixed(shortest, Math.max(shortest.digits.length - shortest.point, 0));
      case 'g':
        return sign + general(shortest, 6, shortest.digits.length);
    }
  }
  switch (verb) {
    case 'e':
      return sign + exponential(roundedDigits(size, precision + 1), precision);
    case 'f':
      return sign + fixed(digitsAfterPoint(size, precision), precision);
    case 'g': {
      const significant = Math.max(precision, 1);
      const digits = roundedDigits(size, significant);
      const isWhole = digits.digits.length >= digits.point;
      return (
        sign +
        general(digits, significant > digits.digits.length && isWhole ? digits.digits.length : significant, significant)
      );
    }
  }
}

function general(value: Digits, exponentFrom: number, precision: number): string {
  const count = value.digits.length;
  const exponent = count === 0 ? 0 : value.point - 1;
  if (exponent < -4 || exponent >= exponentFrom) return exponential(value, Math.max(Math.min(precision, count) - 1, 0));
  return fixed(value, Math.max((precision > value.point ? count : precision) - value.point, 0));
}

function exponential({ digits, point }: Digits, after: number): string {
  const padded = (digits === '' ? '0' : digits).padEnd(after + 1, '0');
  const exponent = digits === '' ? 0 : point - 1;
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `${padded[0]}${after > 0 ? `.${padded.slice(1, after + 1)}` : ''}e${exponent < 0 ? '-' : '+'}${magnitude}`;
}

function fixed({ digits, point }: Digits, after: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (after === 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, after).padEnd(after, '0')}`;
}

function shortestDigits(value: number): Digits {
  if (value === 0) return { digits: '', point: 0 };
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  return trimmed(mantissa.replace('.', ''), Number(exponent) + 1);
}

function roundedDigits(value: number, significant: number): Digits {
  if (value === 0) return { digits: '', point: 0 };
  const exponent = Number(value.toExponential().split('e')[1]);
  const scaled = scaleRounded(value, significant - 1 - exponent);
  // Rounding 9.99 up gives one digit more.
  return trimmed(scaled, exponent + 1 + (scaled.length - significant));
}

function digitsAfterPoint(value: number, after: number): Digits {
  const scaled = scaleRounded(value, after);
  return scaled === '0' ? { digits: '', point: 0 } : trimmed(scaled, scaled.length - after);
}

function trimmed(digits: string, point: number): Digits {
  return { digits: digits.replace(/0+$/, ''), point };
}

const view = new DataView(new ArrayBuffer(8));

/** `value × 10^power`, rounded to a whole number exactly, ties to even. */
function scaleRounded(value: number, power: number): string {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  let numerator = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  const whole = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && whole % 2n === 1n);
  return String(up ? whole + 1n : whole);
}
