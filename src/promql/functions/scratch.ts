// Kernels run one after another and never inside each other, so the buffers a kernel needs for the length of one call are the same
// for all: allocating them for each series would be most of the cost of a short one. They hold nothing between calls.

let ints = new Int32Array(1024);
const floats = [new Float64Array(1024), new Float64Array(1024)];

/** At least `length` integers with anything in them, until the next kernel runs. */
export function intScratch(length: number): Int32Array {
  if (ints.length < length) ints = new Int32Array(Math.max(length, ints.length * 2));
  return ints;
}

/** At least `length` floats with anything in them, until the next kernel runs; two buffers that differ in `slot`. */
export function floatScratch(slot: 0 | 1, length: number): Float64Array {
  if (floats[slot]!.length < length) floats[slot] = new Float64Array(Math.max(length, floats[slot]!.length * 2));
  return floats[slot]!;
}
