import { ExpositionError } from './error.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/**
 * Walks the fields of one protobuf message, `bytes[at … end - 1]`. Lengths are checked before they are used: nothing is read or
 * allocated beyond what is there.
 *
 *     while (reader.next()) if (reader.field === 1) name = reader.text('Name'); else reader.skip();
 */
export class WireReader {
  readonly bytes: Buffer;
  at = 0;
  end = 0;
  /** Of the field `next` found, whose value has to be read or skipped before the next one. */
  field = 0;
  wireType = 0;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  reset(at: number, end: number): this {
    this.at = at;
    this.end = end;
    return this;
  }

  next(): boolean {
    if (this.at >= this.end) return false;
    const tag = this.varint();
    this.wireType = tag % 8;
    this.field = Math.floor(tag / 8);
    if (this.field === 0 || this.field > MAX_FIELD) {
      throw new ExpositionError(`proto: illegal tag ${this.field} (wire type ${tag})`);
    }
    return true;
  }

  /** An unsigned integer; beyond 2^53 to the nearest double. */
  varint(): number {
    const { bytes, end } = this;
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (this.at >= end) throw unexpectedEnd();
      const byte = bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new ExpositionError('proto: integer overflow');
  }

  uint(name: string): number {
    this.#expect(VARINT, name);
    return this.varint();
  }

  /** A signed integer in two's complement (`int64`, `int32`). */
  int(name: string): number {
    const value = this.uint(name);
    return value >= 2 ** 63 ? value - 2 ** 64 : value;
  }

  /** A signed integer in zigzag form (`sint64`, `sint32`). */
  zigzag(): number {
    const value = this.varint();
    // Odd numbers stand for negative ones; above 2^53 a double is always even, and no count gets there.
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  double(name: string): number {
    this.#expect(FIXED64, name);
    return this.rawDouble();
  }

  rawDouble(): number {
    if (this.at + 8 > this.end) throw unexpectedEnd();
    const value = this.bytes.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** Where the value of a length-delimited field ends; `at` is then its beginning. The caller moves `at` on. */
  span(name: string): number {
    this.#expect(BYTES, name);
    const length = this.varint();
    if (length > this.end - this.at) throw unexpectedEnd();
    return this.at + length;
  }

  skip(): void {
    switch (this.wireType) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.#move(8);
        return;
      case BYTES:
        this.at = this.span('');
        return;
      case FIXED32:
        this.#move(4);
        return;
      default:
        throw new ExpositionError(`proto: illegal wireType ${this.wireType}`);
    }
  }

  #move(length: number): void {
    if (this.at + length > this.end) throw unexpectedEnd();
    this.at += length;
  }

  #expect(wireType: number, name: string): void {
    if (this.wireType !== wireType) {
      throw new ExpositionError(`proto: wrong wireType = ${this.wireType} for field ${name}`);
    }
  }
}

const MAX_FIELD = 2 ** 29 - 1;

function unexpectedEnd(): ExpositionError {
  return new ExpositionError('unexpected EOF');
}
