import { blockCodecsWasm } from './block-codecs.wasm.ts';
import { WASM_PAGE_BYTES, instantiate, makeMemory, type WasmMemory } from './webassembly.ts';

interface Exports {
  initChecksums(tables: number): void;
  crc32c(tables: number, from: number, to: number, seed: number): number;
  snappyEncode(hashes: number, from: number, to: number, out: number): number;
  snappyDecode(from: number, to: number, out: number, end: number): number;
}

const TABLES = 0;
const HASHES = 8192;
/** Input and output lie behind the tables. */
const SCRATCH = 40960;
/** Eight bytes at a time are read and written: a few more than there are. */
const MARGIN = 64;
/** Memory beyond this is given back after use. */
const MAX_IDLE_PAGES = 256;

/**
 * Checksum and snappy as WebAssembly, with a memory that input is copied into and output out of: for a few kilobytes that costs less than
 * a tenth of the work. The plain TypeScript versions say what is computed.
 */
export class BlockCodecs {
  #memory: WasmMemory = makeMemory(2);
  #bytes = new Uint8Array(this.#memory.buffer);
  #exports: Exports;

  constructor() {
    this.#exports = open(this.#memory);
  }

  #reserve(bytes: number): Uint8Array {
    const needed = Math.ceil((SCRATCH + bytes) / WASM_PAGE_BYTES);
    const present = this.#bytes.length / WASM_PAGE_BYTES;
    if (needed > present) {
      this.#memory.grow(needed - present);
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    return this.#bytes;
  }

  /** A memory never shrinks: after something large a fresh one is begun. */
  #tidy(): void {
    if (this.#bytes.length <= MAX_IDLE_PAGES * WASM_PAGE_BYTES) return;
    this.#memory = makeMemory(2);
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#exports = open(this.#memory);
  }

  crc32c(input: Uint8Array, from: number, to: number, seed: number): number {
    const bytes = this.#reserve(to - from + MARGIN);
    bytes.set(input.subarray(from, to), SCRATCH);
    const crc = this.#exports.crc32c(TABLES, SCRATCH, SCRATCH + to - from, seed) >>> 0;
    this.#tidy();
    return crc;
  }

  /** @param bound what the output may have at most */
  snappyEncode(
    input: Uint8Array,
    from: number,
    to: number,
    bound: number,
    output: Uint8Array,
    outputAt: number,
  ): number {
    const length = to - from;
    const out = SCRATCH + length + MARGIN;
    const bytes = this.#reserve(length + bound + 2 * MARGIN);
    bytes.set(input.subarray(from, to), SCRATCH);
    const end = this.#exports.snappyEncode(HASHES, SCRATCH, SCRATCH + length, out);
    output.set(bytes.subarray(out, end), outputAt);
    this.#tidy();
    return outputAt + end - out;
  }

  /** Decompresses the elements in `input[from, to)`, `length` bytes; returns -1, or the offset of the element that is wrong. */
  snappyDecode(
    input: Uint8Array,
    from: number,
    to: number,
    output: Uint8Array,
    outputAt: number,
    length: number,
  ): number {
    const out = SCRATCH + to - from + MARGIN;
    const bytes = this.#reserve(to - from + length + 2 * MARGIN);
    bytes.set(input.subarray(from, to), SCRATCH);
    const wrong = this.#exports.snappyDecode(SCRATCH, SCRATCH + to - from, out, out + length);
    if (wrong === 0) output.set(bytes.subarray(out, out + length), outputAt);
    this.#tidy();
    return wrong === 0 ? -1 : wrong - 1 - SCRATCH + from;
  }
}

function open(memory: WasmMemory): Exports {
  const codecs = instantiate(blockCodecsWasm, memory) as unknown as Exports;
  codecs.initChecksums(TABLES);
  return codecs;
}

let shared: BlockCodecs | undefined;

/** The codecs of this thread, made when they are first needed. */
export function blockCodecs(): BlockCodecs {
  return (shared ??= new BlockCodecs());
}
