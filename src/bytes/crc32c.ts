import { blockCodecs } from './block-codecs.ts';

/** CRC-32C (Castagnoli), reflected: the checksum of every Prometheus file. */
const POLYNOMIAL = 0x82f63b78;

const tables = makeTables();
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Below this the way into WebAssembly costs more than it saves. */
const MIN_WASM_BYTES = 256;

/**
 * CRC-32C of `bytes[from, to)`, unsigned. `seed` is the checksum of what came before, so that a checksum over several
 * stretches can be made piece by piece.
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length, seed = 0): number {
  return to - from < MIN_WASM_BYTES
    ? crc32cByTable(bytes, from, to, seed)
    : blockCodecs().crc32c(bytes, from, to, seed);
}

/** The checksum in plain TypeScript: eight bytes a turn by eight tables ("slicing"), because there is no instruction for it here. */
export function crc32cByTable(bytes: Uint8Array, from = 0, to = bytes.length, seed = 0): number {
  let crc = ~seed;
  let i = from;
  const bulk = to - 7;
  for (; i < bulk; i += 8) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    crc =
      t7[crc & 0xff] ^
      t6[(crc >>> 8) & 0xff] ^
      t5[(crc >>> 16) & 0xff] ^
      t4[crc >>> 24] ^
      t3[bytes[i + 4]] ^
      t2[bytes[i + 5]] ^
      t1[bytes[i + 6]] ^
      t0[bytes[i + 7]];
  }
  for (; i < to; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]) & 0xff];
  return ~crc >>> 0;
}

function makeTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[n] = crc;
  }
  const all = [first];
  for (let k = 1; k < 8; k++) {
    const previous = all[k - 1];
    all.push(previous.map((crc) => (crc >>> 8) ^ first[crc & 0xff]));
  }
  return all;
}
