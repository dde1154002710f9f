import { instantiate, type WasmMemory } from '../bytes/index.ts';
import { floatAppendWasm } from './float-append.wasm.ts';

/** Appends floats to the chunks of many series; see float-append.wat.ts. Addresses are bytes in the memory it was made for. */
export interface FloatAppendKernel {
  /**
   * Appends samples `[i, to)` and returns the number of the first one that it leaves to the caller, or `to`.
   *
   * @param records table of 64-byte records @param slots i32 per sample @param ts f64 @param values f64, any bits
   * @param slotSizes u16 per size class @param bounds two f64: lowest and highest time appended so far
   */
  appendFloats(
    records: number,
    slots: number,
    ts: number,
    values: number,
    i: number,
    to: number,
    slotSizes: number,
    bounds: number,
  ): number;
}

/** The kernel over a shared memory. */
export function floatAppendKernel(memory: WasmMemory): FloatAppendKernel {
  return instantiate(floatAppendWasm, memory) as unknown as FloatAppendKernel;
}
