export { CorruptionError, type CorruptionPlace } from './corruption.ts';
export { crc32c } from './crc32c.ts';
export { MAX_VARINT_BYTES, VarintReader, uvarintBytes, writeUvarint, writeVarint } from './varint.ts';
export { Encbuf } from './encbuf.ts';
export { Decbuf, decodeText } from './decbuf.ts';
export { BitReader, BitWriter } from './bits.ts';
export {
  snappyCompress,
  snappyDecode,
  snappyDecodedLength,
  snappyDecodeInto,
  snappyEncode,
  snappyMaxLength,
} from './snappy.ts';
export { loadZstd, type Zstd } from './zstd.ts';
export { isUlid, makeUlid, ulidTime } from './ulid.ts';
export { GrowableWords } from './growable-words.ts';
export { WASM_PAGE_BYTES, instantiate, makeMemory, makeSharedMemory, type WasmMemory } from './webassembly.ts';
export { assembleWat } from './wat.ts';
