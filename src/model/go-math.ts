// Where Go's math package and the engine's Math give other numbers, Prometheus's results are Go's: these functions follow Go.

const bits = new DataView(new ArrayBuffer(8));
const EXPONENT_BIAS = 1022;

/** Natural logarithm by the rational approximation Go uses (FreeBSD's e_log.c); Math.log differs in the last digit now and then. */
export function log(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (x < 0) return NaN;
  if (x === 0) return -Infinity;
  // x = 2^k (1 + f) with √2/2 ≤ 1 + f < √2
  let k = binaryExponent(x);
  let fraction = scaleDown(x, k);
  if (fraction < Math.SQRT1_2) {
    fraction *= 2;
    k--;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const odd =
    s2 *
    (6.66666666666673513e-1 +
      s4 * (2.857142874366239149e-1 + s4 * (1.818357216161805012e-1 + s4 * 1.479819860511658591e-1)));
  const even = s4 * (3.999999999940941908e-1 + s4 * (2.222219843214978396e-1 + s4 * 1.531383769920937332e-1));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + (odd + even)) + k * LN2_LOW) - f);
}

/** Base 2: exact for powers of two, as in Go. */
export function log2(x: number): number {
  if (!(x > 0) || x === Infinity) return log(x);
  const exponent = binaryExponent(x);
  const fraction = scaleDown(x, exponent);
  return fraction === 0.5 ? exponent - 1 : log(fraction) * Math.LOG2E + exponent;
}

/** Base 10 by way of the natural logarithm, as in Go: log10(0.1) is -0.9999999999999999. */
export function log10(x: number): number {
  return log(x) * Math.LOG10E;
}

/** 2 to the power x, as Go computes it. */
export function exp2(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (x >= 1024) return Infinity;
  if (x < -1074) return 0;
  // x = k + t with |t| ≤ 1/2; 2^t = e^(t ln 2) by the approximation of FreeBSD's e_exp.c
  const k = Math.trunc(x > 0 ? x + 0.5 : x < 0 ? x - 0.5 : x);
  const t = x - k;
  const high = t * LN2_HIGH;
  const low = -t * LN2_LOW;
  const r = high - low;
  const r2 = r * r;
  const c =
    r -
    r2 *
      (1.66666666666666657415e-1 +
        r2 *
          (-2.77777777770155933842e-3 +
            r2 * (6.61375632143793436117e-5 + r2 * (-1.6533902205465251539e-6 + r2 * 4.13813679705723846039e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  return k > 1000 || k < -1000 ? y * 2 ** (k >> 1) * 2 ** (k - (k >> 1)) : y * 2 ** k;
}

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/** The exponent e of a finite x > 0 = fraction * 2^e with 0.5 ≤ fraction < 1. */
function binaryExponent(x: number): number {
  bits.setFloat64(0, x);
  const exponent = (bits.getUint16(0) >> 4) & 0x7ff;
  if (exponent > 0) return exponent - EXPONENT_BIAS;
  bits.setFloat64(0, x * 2 ** 54);
  return ((bits.getUint16(0) >> 4) & 0x7ff) - EXPONENT_BIAS - 54;
}

/** `x * 2^-exponent`, exactly. */
function scaleDown(x: number, exponent: number): number {
  // In two steps, since 2^1074 is no float.
  const half = exponent >> 1;
  return x * 2 ** -half * 2 ** (half - exponent);
}

/** The larger; like Math.max but +Inf wins over NaN. */
export function max(x: number, y: number): number {
  return x === Infinity || y === Infinity ? Infinity : Math.max(x, y);
}

/** The smaller; like Math.min but -Inf wins over NaN. */
export function min(x: number, y: number): number {
  return x === -Infinity || y === -Infinity ? -Infinity : Math.min(x, y);
}
