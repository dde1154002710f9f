/** The little of WebAssembly that is used here; Node's own type declarations leave it to the browser's. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  /** Adds pages of 64 KiB; returns how many there were. @throws {RangeError} when there is no room */
  grow(pages: number): number;
}

interface WebAssemblyHost {
  readonly Memory: new (descriptor: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

const host = (globalThis as unknown as { WebAssembly: WebAssemblyHost }).WebAssembly;

export const WASM_PAGE_BYTES = 65536;

/** A memory of `initial` pages that this thread alone sees. */
export function makeMemory(initial: number): WasmMemory {
  return new host.Memory({ initial });
}

const MAX_PAGES = 65_536;

/**
 * A memory that other threads may see, and that can grow to four GiB, or as far as the system grants address space: what it has not grown
 * to, and what was never touched, takes none of the real memory.
 */
export function makeSharedMemory(initial: number): WasmMemory {
  for (let maximum = MAX_PAGES; ; maximum /= 2) {
    try {
      return new host.Memory({ initial, maximum, shared: true });
    } catch (error) {
      if (maximum <= 1024) throw error;
    }
  }
}

/** Compiles a module that imports nothing but a memory, `host.memory`, and returns what it exports. */
export function instantiate(base64: string, memory: WasmMemory): Readonly<Record<string, unknown>> {
  const module = new host.Module(Uint8Array.from(Buffer.from(base64, 'base64')));
  return new host.Instance(module, { host: { memory } }).exports;
}
