/** A time as Go's `time.Time` marshals it: RFC 3339 with as many decimals as it takes. 0 is "never": Go's zero time. */
export function goTime(ms: number): string {
  if (ms === 0) return '0001-01-01T00:00:00Z';
  const text = new Date(ms).toISOString();
  return text.replace(/\.?0*Z$/, (end) => (text.includes('.') && end.length > 1 ? 'Z' : end));
}

/** Seconds without the digits below a nanosecond, which are those of a subtraction and not of a clock. */
export function wholeNanoseconds(seconds: number): number {
  return Math.round(seconds * 1e9) / 1e9;
}
