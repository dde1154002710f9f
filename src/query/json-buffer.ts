import { writeAscii, writeInteger } from './json-digits.ts';
import { writeFloat } from './json-float.ts';

/** Room a number needs: 17 digits, sign, point, exponent, and digits of an integer below 2^53 scaled. */
const NUMBER_BYTES = 32;

/**
 * Writes JSON as bytes into pieces of a fixed size. Numbers come as digits straight into the bytes; nothing is kept as text. A piece,
 * once taken, belongs to whoever took it.
 */
export class JsonBuffer {
  /** Where the next byte goes; grows with every write. */
  at = 0;
  bytes: Buffer;
  /** Bytes in the pieces already taken. */
  #taken = 0;
  #full: Buffer[] = [];
  readonly #pieceBytes: number;

  constructor(pieceBytes = 64 * 1024) {
    this.#pieceBytes = pieceBytes;
    this.bytes = Buffer.allocUnsafeSlow(pieceBytes);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#taken + this.#full.reduce((sum, piece) => sum + piece.length, 0) + this.at;
  }

  /** The full pieces, and what is in the current one too when `all` is set. */
  take(all = false): Buffer[] {
    if (all && this.at > 0) {
      this.#full.push(this.bytes.subarray(0, this.at));
      this.bytes = Buffer.allocUnsafeSlow(this.#pieceBytes);
      this.at = 0;
    }
    const pieces = this.#full;
    for (const piece of pieces) this.#taken += piece.length;
    this.#full = [];
    return pieces;
  }

  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /** Makes room for `count` bytes in one piece. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    if (this.at > 0) this.#full.push(this.bytes.subarray(0, this.at));
    this.bytes = Buffer.allocUnsafeSlow(Math.max(this.#pieceBytes, count));
    this.at = 0;
  }

  /** Text that is JSON already and ASCII. */
  ascii(text: string): void {
    this.reserve(text.length);
    this.at = writeAscii(this.bytes, this.at, text);
  }

  /** Text that is JSON already. */
  json(text: string): void {
    // At most three bytes for each UTF-16 unit.
    this.reserve(text.length * 3);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  /** Text as a JSON string. */
  string(text: string): void {
    if (!isPlain(text)) {
      this.json(JSON.stringify(text));
      return;
    }
    this.reserve(text.length + 2);
    this.bytes[this.at++] = 0x22;
    this.at = writeAscii(this.bytes, this.at, text);
    this.bytes[this.at++] = 0x22;
  }

  /** Anything as JSON, with what HTML could trip over escaped: so Go's encoder writes all texts but labels. */
  value(value: unknown): void {
    const json = JSON.stringify(value);
    const escape = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
    this.json(/[<>&\u2028\u2029]/.test(json) ? json.replace(/[<>&\u2028\u2029]/g, escape) : json);
  }

  /** A sample's value in quotes, as `formatFloat` prints it. */
  quotedFloat(value: number): void {
    this.reserve(NUMBER_BYTES + 2);
    this.bytes[this.at++] = 0x22;
    this.at = writeFloat(this.bytes, this.at, value);
    this.bytes[this.at++] = 0x22;
  }

  /** A sample's time: seconds, with three decimals where the milliseconds are not zero. */
  timestamp(tMs: number): void {
    this.reserve(NUMBER_BYTES);
    this.at = writeTimestamp(this.bytes, this.at, tMs);
  }
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e || c === 0x22 || c === 0x5c) return false;
  }
  return true;
}

/** A time in ms as Prometheus prints sample times: seconds, and three decimals where there are milliseconds. */
export function writeTimestamp(bytes: Buffer, at: number, tMs: number): number {
  if (tMs < 0) {
    bytes[at++] = 0x2d;
    tMs = -tMs;
  }
  const seconds = Math.floor(tMs / 1000);
  const fraction = tMs - seconds * 1000;
  at = writeInteger(bytes, at, seconds);
  if (fraction === 0) return at;
  bytes[at++] = 0x2e;
  bytes[at++] = 0x30 + Math.floor(fraction / 100);
  bytes[at++] = 0x30 + (Math.floor(fraction / 10) % 10);
  bytes[at++] = 0x30 + (fraction % 10);
  return at;
}
