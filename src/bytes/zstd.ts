import * as zlib from 'node:zlib';
import { CorruptionError } from './corruption.ts';

/** Zstandard, both ways, synchronously. */
export interface Zstd {
  compress(input: Uint8Array): Uint8Array;
  /** @throws {CorruptionError} when the frame is damaged or makes more than `maxBytes` */
  decompress(input: Uint8Array, maxBytes: number): Uint8Array;
}

interface NativeZlib {
  zstdCompressSync?: (input: Uint8Array) => Buffer;
  zstdDecompressSync?: (input: Uint8Array, options: { maxOutputLength: number }) => Buffer;
}

interface WasmModule {
  init(): Promise<void>;
  compress(input: Uint8Array, level?: number): Uint8Array;
  decompress(input: Uint8Array, options: { defaultHeapSize: number }): Uint8Array;
}

const MAGIC = 0xfd2fb528;

/** The WebAssembly build has one memory for the process: loading it a second time would pull that away under the first. */
let loading: Promise<Zstd> | undefined;

/** Zstandard of this Node where it has it (22.15 and later), else the WebAssembly build. */
export function loadZstd(): Promise<Zstd> {
  return (loading ??= load());
}

async function load(): Promise<Zstd> {
  const { zstdCompressSync, zstdDecompressSync } = zlib as NativeZlib;
  if (zstdCompressSync !== undefined && zstdDecompressSync !== undefined) {
    return {
      compress: (input) => zstdCompressSync(input),
      decompress: (input, maxBytes) => {
        checkDeclaredSize(input, maxBytes);
        return guarded(() => zstdDecompressSync(input, { maxOutputLength: maxBytes }));
      },
    };
  }
  const loaded = (await import('@bokuweb/zstd-wasm')) as unknown as WasmModule & { default?: WasmModule };
  const wasm = typeof loaded.init === 'function' ? loaded : loaded.default!;
  await wasm.init();
  return {
    compress: (input) => wasm.compress(input),
    decompress: (input, maxBytes) => {
      checkDeclaredSize(input, maxBytes);
      return guarded(() => wasm.decompress(input, { defaultHeapSize: maxBytes }));
    },
  };
}

function guarded(decompress: () => Uint8Array): Uint8Array {
  try {
    return decompress();
  } catch (cause) {
    throw new CorruptionError('Damaged zstd frame', { offset: 0 }, { cause });
  }
}

/**
 * The frame header names the content size the decoder would allocate: it is read here first, because it comes from outside.
 *
 * @see RFC 8878 section 3.1.1.1
 */
function checkDeclaredSize(input: Uint8Array, maxBytes: number): void {
  const size = declaredSize(input);
  if (size !== undefined && size > maxBytes) {
    throw new CorruptionError(`Zstd frame declares ${size} bytes, at most ${maxBytes} are accepted`, { offset: 0 });
  }
}

function declaredSize(input: Uint8Array): number | undefined {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length < 6 || view.getUint32(0, true) !== MAGIC) {
    throw new CorruptionError('Not a zstd frame: wrong magic number', { offset: 0 });
  }
  const descriptor = input[4];
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3];
  const at = 5 + (singleSegment ? 0 : 1) + dictionaryBytes;
  const sizeBytes = descriptor >>> 6 === 0 ? (singleSegment ? 1 : 0) : [0, 2, 4, 8][descriptor >>> 6];
  if (at + sizeBytes > input.length) throw new CorruptionError('Zstd frame header is cut short', { offset: 0 });
  switch (sizeBytes) {
    case 1:
      return input[at];
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    case 8:
      return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x100000000;
    default:
      return undefined;
  }
}
