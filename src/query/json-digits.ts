/** Writes ASCII text; returns where it ends. A loop: below some hundred characters it is quicker than a call into Node. */
export function writeAscii(bytes: Buffer, at: number, text: string): number {
  if (text.length > 256) return at + bytes.write(text, at, 'latin1');
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}

/** A whole number, 0 ≤ n < 2^53. */
export function writeInteger(bytes: Buffer, at: number, n: number): number {
  if (n >= 1e9) {
    const high = Math.floor(n / 1e9);
    at = writeSmall(bytes, at, high);
    return writePadded(bytes, at, n - high * 1e9, 9);
  }
  return writeSmall(bytes, at, n);
}

/** A whole number, 0 ≤ n < 1e9. */
function writeSmall(bytes: Buffer, at: number, n: number): number {
  let digits = 1;
  for (let bound = 10; n >= bound && digits < 9; bound *= 10) digits++;
  return writePadded(bytes, at, n, digits);
}

/** ASCII of 00 to 99. */
const pairs = Uint8Array.from({ length: 200 }, (_, i) => 0x30 + ((i & 1) === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

/** `n` (0 ≤ n < 2^31) with zeros in front. Two digits at a time: half the divisions. */
export function writePadded(bytes: Buffer, at: number, n: number, digits: number): number {
  let rest = n | 0;
  let i = at + digits;
  for (; i - 2 >= at; i -= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) << 1;
    bytes[i - 1] = pairs[pair + 1]!;
    bytes[i - 2] = pairs[pair]!;
    rest = next;
  }
  if (i > at) bytes[at] = 0x30 + rest;
  return at + digits;
}
