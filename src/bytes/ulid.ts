const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID_LENGTH = 26;

/**
 * A new ULID: 48 bits of `timeMs`, 80 bits from `random` (ten bytes).
 *
 * @see github.com/ulid/spec
 */
export function makeUlid(timeMs: number, random: Uint8Array): string {
  let text = '';
  let time = timeMs;
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[time % 32] + text;
    time = Math.floor(time / 32);
  }
  let buffer = 0;
  let bits = 0;
  for (let i = 0; i < 10; i++) {
    buffer = (buffer << 8) | random[i];
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >>> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return text;
}

/** Milliseconds since the epoch that a ULID carries, or `undefined` when `text` is not a ULID. */
export function ulidTime(text: string): number | undefined {
  if (!isUlid(text)) return undefined;
  let time = 0;
  for (let i = 0; i < 10; i++) time = time * 32 + ALPHABET.indexOf(text[i]);
  return time;
}

/** Whether `text` is a ULID in its canonical upper-case form. */
export function isUlid(text: string): boolean {
  if (text.length !== ULID_LENGTH || text[0] > '7') return false;
  for (const char of text) if (!ALPHABET.includes(char)) return false;
  return true;
}
