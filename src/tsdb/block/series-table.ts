/**
 * Series of an index as they stand there: symbols for labels, times and places of chunks. One growing array for each field, so that a
 * hundred thousand series are a handful of objects.
 *
 * Labels of series `i`: `symbols[labelEnds[i - 1] … labelEnds[i])`, name and value in turn. Its chunks: `chunkEnds` likewise.
 */
export class SeriesTable {
  length = 0;
  refs: Uint32Array;
  labelEnds: Uint32Array;
  chunkEnds: Uint32Array;
  symbols: Uint32Array;
  symbolCount = 0;
  /** First and last sample of each chunk, ms, inclusive. */
  mint: Float64Array;
  maxt: Float64Array;
  /** Where each chunk lies: segment × 2^32 + offset. */
  chunkRefs: Float64Array;
  chunkCount = 0;

  constructor(series: number) {
    this.refs = new Uint32Array(series);
    this.labelEnds = new Uint32Array(series);
    this.chunkEnds = new Uint32Array(series);
    this.symbols = new Uint32Array(Math.max(16, series * 12));
    this.mint = new Float64Array(Math.max(16, series));
    this.maxt = new Float64Array(Math.max(16, series));
    this.chunkRefs = new Float64Array(Math.max(16, series));
  }

  labelStart(i: number): number {
    return i === 0 ? 0 : this.labelEnds[i - 1];
  }

  chunkStart(i: number): number {
    return i === 0 ? 0 : this.chunkEnds[i - 1];
  }

  /** Forgets everything. */
  clear(): void {
    this.length = 0;
    this.symbolCount = 0;
    this.chunkCount = 0;
  }

  /** Makes what was pushed since the last call series `ref`. */
  finish(ref: number): void {
    const i = this.length;
    if (i === this.refs.length) {
      this.refs = grown(this.refs, i + 1);
      this.labelEnds = grown(this.labelEnds, i + 1);
      this.chunkEnds = grown(this.chunkEnds, i + 1);
    }
    this.refs[i] = ref;
    this.labelEnds[i] = this.symbolCount;
    this.chunkEnds[i] = this.chunkCount;
    this.length = i + 1;
  }

  /** Forgets what was pushed since the last `finish`. */
  abandon(): void {
    const i = this.length;
    this.symbolCount = i === 0 ? 0 : this.labelEnds[i - 1];
    this.chunkCount = i === 0 ? 0 : this.chunkEnds[i - 1];
  }

  pushLabel(name: number, value: number): void {
    const n = this.symbolCount;
    if (n + 2 > this.symbols.length) this.symbols = grown(this.symbols, n + 2);
    this.symbols[n] = name;
    this.symbols[n + 1] = value;
    this.symbolCount = n + 2;
  }

  pushChunk(mint: number, maxt: number, ref: number): void {
    const n = this.chunkCount;
    if (n === this.mint.length) {
      this.mint = grown(this.mint, n + 1);
      this.maxt = grown(this.maxt, n + 1);
      this.chunkRefs = grown(this.chunkRefs, n + 1);
    }
    this.mint[n] = mint;
    this.maxt[n] = maxt;
    this.chunkRefs[n] = ref;
    this.chunkCount = n + 1;
  }

  /** Keeps the series `i` with `keep[i]` other than 0. */
  filter(keep: Uint8Array): void {
    let n = 0;
    let labels = 0;
    let chunks = 0;
    let labelStart = 0;
    let chunkStart = 0;
    for (let i = 0; i < this.length; i++) {
      const labelEnd = this.labelEnds[i];
      const chunkEnd = this.chunkEnds[i];
      if (keep[i] !== 0) {
        this.symbols.copyWithin(labels, labelStart, labelEnd);
        this.mint.copyWithin(chunks, chunkStart, chunkEnd);
        this.maxt.copyWithin(chunks, chunkStart, chunkEnd);
        this.chunkRefs.copyWithin(chunks, chunkStart, chunkEnd);
        labels += labelEnd - labelStart;
        chunks += chunkEnd - chunkStart;
        this.refs[n] = this.refs[i];
        this.labelEnds[n] = labels;
        this.chunkEnds[n] = chunks;
        n++;
      }
      labelStart = labelEnd;
      chunkStart = chunkEnd;
    }
    this.length = n;
    this.symbolCount = labels;
    this.chunkCount = chunks;
  }
}

function grown<T extends Uint32Array | Float64Array>(array: T, needed: number): T {
  const larger = new (array.constructor as new (length: number) => T)(Math.max(16, needed, array.length * 2));
  larger.set(array);
  return larger;
}
