import { CorruptionError } from '../../bytes/index.ts';
import {
  ENCODING_FLOAT_HISTOGRAM,
  ENCODING_FLOAT_HISTOGRAM_ST,
  ENCODING_HISTOGRAM,
  ENCODING_HISTOGRAM_ST,
  ENCODING_XOR,
  ENCODING_XOR2,
  decodeXor,
  decodeXor2,
} from '../../kernels/index.ts';
import type { SampleColumn } from '../../model/index.ts';
import { decodeHistograms } from './histogram-chunk.ts';

/**
 * Appends the samples with mint ≤ t ≤ maxt of a chunk of any encoding to a column.
 *
 * @param bytes holds the chunk's data, from its sample count on, at `[from, to)`
 * @param samples how many to read; `undefined`: what the header says
 * @throws {CorruptionError}
 */
export function decodeChunk(
  bytes: Uint8Array,
  from: number,
  to: number,
  encoding: number,
  samples: number | undefined,
  column: SampleColumn,
  mint: number,
  maxt: number,
): void {
  switch (encoding) {
    case ENCODING_XOR:
    case ENCODING_XOR2: {
      if (to - from < 2) throw new CorruptionError('Chunk is shorter than its header', { offset: from });
      const count = samples ?? (bytes[from] << 8) | bytes[from + 1];
      const decode = encoding === ENCODING_XOR ? decodeXor : decodeXor2;
      decode(bytes, from, to, count, column, mint, maxt);
      return;
    }
    case ENCODING_HISTOGRAM:
    case ENCODING_FLOAT_HISTOGRAM:
    case ENCODING_HISTOGRAM_ST:
    case ENCODING_FLOAT_HISTOGRAM_ST:
      decodeHistograms(bytes, from, to, encoding, samples, column, mint, maxt);
      return;
    default:
      throw new CorruptionError(`Unknown chunk encoding ${encoding}`, { offset: from });
  }
}
