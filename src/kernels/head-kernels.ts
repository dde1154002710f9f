import { instantiate, type WasmMemory } from '../bytes/index.ts';
import { headKernelsWasm } from './head-kernels.wasm.ts';

/** Appends floats to the chunks of many series; see head-kernels.wat.ts. Addresses are bytes in the memory it was made for. */
export interface FloatAppendKernel {
  /**
   * Appends samples `[i, to)` and returns the number of the first one that it leaves to the caller, or `to`.
   *
   * @param records table of 64-byte records @param slots i32 per sample @param ts f64 @param values f64, any bits
   * @param shared what kernel and head share: see head-kernels.wat.ts
   */
  appendFloats(
    records: number,
    slots: number,
    ts: number,
    values: number,
    i: number,
    to: number,
    shared: number,
  ): number;
}

/** The kernels over one memory. */
export interface HeadKernels extends FloatAppendKernel {
  /**
   * Decodes the samples of a log record in `[at, to)`, without its type byte, into columns; up to 32 bytes behind it are read.
   * Returns how many there are, or -1 where the record is malformed. Samples before `minT` are left out.
   *
   * @param directory i32 per 65,536 refs: address of their slots, i32 each, or 0
   * @param refs i64 per sample, for those whose slot is 0; the shared area counts them
   */
  decodeSamples(
    at: number,
    to: number,
    directory: number,
    minT: number,
    slots: number,
    ts: number,
    values: number,
    refs: number,
    shared: number,
  ): number;
}

/** Places in the shared area, and how much it can hold. */
export const SHARED_SLOT_SIZES = 16;
export const SHARED_LEFT = 48;
export const SHARED_UNKNOWN = 52;
export const SHARED_LEFT_LIST = 64;
export const SHARED_STACKS = 8192;
export const SHARED_STACK_BYTES = 256;
export const SHARED_STACK_SLOTS = 63;

/** The kernels over a shared memory. */
export function headKernels(memory: WasmMemory): HeadKernels {
  return instantiate(headKernelsWasm, memory) as unknown as HeadKernels;
}
