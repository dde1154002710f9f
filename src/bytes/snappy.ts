import { blockCodecs } from './block-codecs.ts';
import { CorruptionError } from './corruption.ts';
import { VarintReader, writeUvarint } from './varint.ts';

/** Below this the way into WebAssembly costs more than it saves. */
const MIN_WASM_BYTES = 128;
/** Blocks are compressed in pieces of this size, so that copy offsets fit sixteen bits. */
const FRAGMENT_BYTES = 65536;
const HASH_BITS = 13;
const HASH_SIZE = 1 << HASH_BITS;
/** The last bytes of a fragment are always literal, so that the matcher may read four bytes anywhere without a check. */
const INPUT_MARGIN = 15;

const hashTable = new Uint16Array(HASH_SIZE);
const reader = new VarintReader();

/** The most bytes `snappyEncode` can make of `length` bytes. */
export function snappyMaxLength(length: number): number {
  return 32 + length + Math.floor(length / 6);
}

/**
 * Compresses `input[from, to)` as one snappy block into `output` at `at`; returns the offset after it.
 * `output` must have room for `snappyMaxLength(to - from)` bytes from `at` on.
 *
 * @see google/snappy format_description.txt
 */
export function snappyEncode(input: Uint8Array, from: number, to: number, output: Uint8Array, at: number): number {
  return to - from < MIN_WASM_BYTES
    ? snappyEncodePlain(input, from, to, output, at)
    : blockCodecs().snappyEncode(input, from, to, snappyMaxLength(to - from), output, at);
}

/** `snappyEncode` in plain TypeScript. */
export function snappyEncodePlain(input: Uint8Array, from: number, to: number, output: Uint8Array, at: number): number {
  at = writeUvarint(output, at, to - from);
  for (let start = from; start < to; start += FRAGMENT_BYTES) {
    at = encodeFragment(input, start, Math.min(start + FRAGMENT_BYTES, to), output, at);
  }
  return at;
}

function encodeFragment(input: Uint8Array, start: number, end: number, output: Uint8Array, at: number): number {
  let literalStart = start;
  if (end - start > INPUT_MARGIN) {
    const table = hashTable;
    table.fill(0);
    const limit = end - INPUT_MARGIN;
    let ip = start + 1;
    let word = input[ip] | (input[ip + 1] << 8) | (input[ip + 2] << 16) | (input[ip + 3] << 24);
    outer: for (;;) {
      // 1. Look for four bytes seen before; stride longer the longer nothing is found, so that incompressible data costs little.
      let skip = 32;
      let candidate: number;
      for (;;) {
        const hash = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
        candidate = start + table[hash];
        table[hash] = ip - start;
        if (
          (input[candidate] |
            (input[candidate + 1] << 8) |
            (input[candidate + 2] << 16) |
            (input[candidate + 3] << 24)) ===
            word &&
          candidate < ip
        ) {
          break;
        }
        ip += skip >>> 5;
        skip++;
        if (ip >= limit) break outer;
        word = input[ip] | (input[ip + 1] << 8) | (input[ip + 2] << 16) | (input[ip + 3] << 24);
      }
      // 2. What lies between is literal; the match goes on as far as it holds.
      at = emitLiteral(input, literalStart, ip, output, at);
      const matchStart = ip;
      const offset = ip - candidate;
      ip += 4;
      candidate += 4;
      while (ip < end && input[ip] === input[candidate]) {
        ip++;
        candidate++;
      }
      at = emitCopy(output, at, offset, ip - matchStart);
      literalStart = ip;
      if (ip >= limit) break;
      const previous = input[ip - 1] | (input[ip] << 8) | (input[ip + 1] << 16) | (input[ip + 2] << 24);
      table[Math.imul(previous, 0x1e35a7bd) >>> (32 - HASH_BITS)] = ip - 1 - start;
      word = input[ip] | (input[ip + 1] << 8) | (input[ip + 2] << 16) | (input[ip + 3] << 24);
    }
  }
  return literalStart < end ? emitLiteral(input, literalStart, end, output, at) : at;
}

function emitLiteral(input: Uint8Array, from: number, to: number, output: Uint8Array, at: number): number {
  const length = to - from;
  if (length === 0) return at;
  const n = length - 1;
  if (n < 60) output[at++] = n << 2;
  else if (n < 256) {
    output[at++] = 60 << 2;
    output[at++] = n;
  } else {
    output[at++] = 61 << 2;
    output[at++] = n;
    output[at++] = n >>> 8;
  }
  if (length > 64) {
    output.set(input.subarray(from, to), at);
    return at + length;
  }
  for (let i = from; i < to; i++) output[at++] = input[i];
  return at;
}

function emitCopy(output: Uint8Array, at: number, offset: number, length: number): number {
  while (length >= 68) {
    output[at++] = (63 << 2) | 2;
    output[at++] = offset;
    output[at++] = offset >>> 8;
    length -= 64;
  }
  // At least four bytes must be left for the last copy.
  if (length > 64) {
    output[at++] = (59 << 2) | 2;
    output[at++] = offset;
    output[at++] = offset >>> 8;
    length -= 60;
  }
  if (length >= 12 || offset >= 2048) {
    output[at++] = ((length - 1) << 2) | 2;
    output[at++] = offset;
    output[at++] = offset >>> 8;
  } else {
    output[at++] = ((offset >>> 8) << 5) | ((length - 4) << 2) | 1;
    output[at++] = offset;
  }
  return at;
}

/**
 * The decompressed length that the block at `input[from, to)` declares. Nothing is known of its truth yet.
 *
 * @throws {CorruptionError} when the length is malformed or above `maxBytes`
 */
export function snappyDecodedLength(input: Uint8Array, from: number, to: number, maxBytes: number): number {
  const length = reader.uvarint(input, from, to);
  if (reader.at < 0) throw new CorruptionError('Malformed length of a snappy block', { offset: from });
  if (length > maxBytes) {
    throw new CorruptionError(`Snappy block declares ${length} bytes, at most ${maxBytes} are accepted`, {
      offset: from,
    });
  }
  // A copy of up to 64 bytes takes two bytes at least: nothing expands further than that.
  if (length > (to - reader.at) * 32) {
    throw new CorruptionError(
      `Snappy block declares ${length} bytes, which ${to - from} compressed bytes cannot hold`,
      {
        offset: from,
      },
    );
  }
  return length;
}

/**
 * Decompresses one snappy block from `input[from, to)` into `output` at `outputAt`, and returns the offset after the last byte written.
 * `output` must have room for what `snappyDecodedLength` says.
 *
 * @throws {CorruptionError} when the block is damaged, or makes more or fewer bytes than it declares
 */
export function snappyDecodeInto(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outputAt: number,
): number {
  const length = reader.uvarint(input, from, to);
  if (length < MIN_WASM_BYTES || reader.at < 0) return snappyDecodePlain(input, from, to, output, outputAt);
  const end = outputAt + length;
  if (end > output.length) throw new CorruptionError(`Snappy block of ${length} bytes does not fit`, { offset: from });
  const wrong = blockCodecs().snappyDecode(input, reader.at, to, output, outputAt, length);
  if (wrong >= 0) {
    throw new CorruptionError(`Snappy block of ${length} bytes is damaged`, { offset: wrong });
  }
  return end;
}

/** `snappyDecodeInto` in plain TypeScript. */
export function snappyDecodePlain(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outputAt: number,
): number {
  const length = reader.uvarint(input, from, to);
  if (reader.at < 0) throw new CorruptionError('Malformed length of a snappy block', { offset: from });
  const end = outputAt + length;
  if (end > output.length) throw new CorruptionError(`Snappy block of ${length} bytes does not fit`, { offset: from });
  let ip = reader.at;
  let op = outputAt;
  while (ip < to) {
    const tag = input[ip++];
    let size: number;
    let offset: number;
    switch (tag & 3) {
      case 0: {
        size = (tag >>> 2) + 1;
        if (size > 60) {
          const extra = size - 60;
          if (ip + extra > to) throw truncated(ip);
          size = 0;
          for (let i = extra - 1; i >= 0; i--) size = size * 256 + input[ip + i];
          size += 1;
          ip += extra;
        }
        if (size > to - ip || size > end - op) throw truncated(ip);
        if (size > 48) {
          output.set(input.subarray(ip, ip + size), op);
          op += size;
          ip += size;
        } else {
          for (const stop = ip + size; ip < stop; ip++) output[op++] = input[ip];
        }
        continue;
      }
      case 1:
        if (ip >= to) throw truncated(ip);
        size = ((tag >>> 2) & 7) + 4;
        offset = ((tag >>> 5) << 8) | input[ip++];
        break;
      case 2:
        if (ip + 2 > to) throw truncated(ip);
        size = (tag >>> 2) + 1;
        offset = input[ip] | (input[ip + 1] << 8);
        ip += 2;
        break;
      default:
        if (ip + 4 > to) throw truncated(ip);
        size = (tag >>> 2) + 1;
        offset = (input[ip] | (input[ip + 1] << 8) | (input[ip + 2] << 16) | (input[ip + 3] << 24)) >>> 0;
        ip += 4;
    }
    if (offset === 0 || offset > op - outputAt) {
      throw new CorruptionError(`Snappy copy reaches ${offset} bytes back of ${op - outputAt}`, { offset: ip });
    }
    if (size > end - op) throw truncated(ip);
    // Byte by byte: source and target overlap when a pattern is repeated.
    let source = op - offset;
    for (const stop = op + size; op < stop; op++) output[op] = output[source++];
  }
  if (op !== end) {
    throw new CorruptionError(`Snappy block made ${op - outputAt} bytes, it declares ${length}`, { offset: ip });
  }
  return op;
}

function truncated(offset: number): CorruptionError {
  return new CorruptionError('Snappy block runs past its end', { offset });
}

/**
 * Decompresses a whole block into a fresh array.
 *
 * @param maxBytes the most the caller accepts; the declared length is not trusted beyond it
 * @throws {CorruptionError}
 */
export function snappyDecode(input: Uint8Array, maxBytes: number): Uint8Array {
  const output = new Uint8Array(snappyDecodedLength(input, 0, input.length, maxBytes));
  snappyDecodeInto(input, 0, input.length, output, 0);
  return output;
}

/** Compresses a whole array into a fresh one. */
export function snappyCompress(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(snappyMaxLength(input.length));
  return output.slice(0, snappyEncode(input, 0, input.length, output, 0));
}
