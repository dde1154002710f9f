import * as zlib from 'node:zlib';
import { BodyTooLargeError, HttpClientError } from './errors.ts';

/** Compressed bodies up to this length are decompressed at once: below it, a thread's turnaround costs more than the work. */
const maxSyncBytes = 64 * 1024;

/** How much longer than its content a compressed body may honestly be. */
export function wireLimit(maxBytes: number): number {
  return maxBytes + (maxBytes >>> 3) + 4096;
}

/**
 * The content of a body as it came over the wire.
 *
 * @param encoding the Content-Encoding header
 * @param maxBytes of the result; what the body says of its own length only sizes the first buffer
 * @throws {BodyTooLargeError} beyond `maxBytes`
 * @throws {HttpClientError} `protocol` for an unknown encoding and for data that does not decompress
 */
export function decodeBody(
  wire: Buffer,
  encoding: string | undefined,
  maxBytes: number,
  shown: string,
): Buffer | Promise<Buffer> {
  const name = encoding === undefined ? '' : encoding.trim().toLowerCase();
  if (name === '' || name === 'identity' || wire.length === 0) {
    if (wire.length > maxBytes) throw new BodyTooLargeError(shown, maxBytes);
    return wire;
  }
  switch (name) {
    case 'gzip':
    case 'x-gzip': {
      const options = { maxOutputLength: Math.max(1, maxBytes), chunkSize: chunkSizeFor(wire, maxBytes) };
      return wire.length <= maxSyncBytes
        ? translating(shown, maxBytes, () => zlib.gunzipSync(wire, options))
        : inThread(shown, maxBytes, (done) => {
            zlib.gunzip(wire, options, done);
          });
    }
    case 'deflate':
      return inThread(shown, maxBytes, (done) => {
        zlib.inflate(wire, { maxOutputLength: Math.max(1, maxBytes) }, done);
      });
    case 'zstd':
      return unzstd(wire, maxBytes, shown);
    default:
      throw new HttpClientError(
        'protocol',
        `Cannot read the answer of ${shown}: encoding ${JSON.stringify(name)} is unknown`,
      );
  }
}

/**
 * A first buffer that holds the whole content of an honest gzip body, so that nothing is copied together. The length in the
 * trailer is a hint: it is believed only as far as this much input can give, and not beyond 16 MiB.
 */
function chunkSizeFor(wire: Buffer, maxBytes: number): number {
  const claimed = wire.length >= 18 ? wire.readUInt32LE(wire.length - 4) : 0;
  return Math.max(16 * 1024, Math.min(claimed + 1, maxBytes + 1, wire.length * 64, 16 * 1024 * 1024));
}

function translating(shown: string, maxBytes: number, work: () => Buffer): Buffer {
  try {
    return work();
  } catch (cause) {
    throw decodeError(shown, maxBytes, cause);
  }
}

function inThread(
  shown: string,
  maxBytes: number,
  start: (done: (error: Error | null, result: Buffer) => void) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error === null) resolve(result);
      else reject(decodeError(shown, maxBytes, error));
    });
  });
}

/** What a failed decompression means to the one who asked for the body. */
export function decodeError(shown: string, maxBytes: number, cause: unknown): HttpClientError {
  if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return new BodyTooLargeError(shown, maxBytes);
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HttpClientError('protocol', `Cannot decompress the answer of ${shown}: ${why}`, { cause });
}

type ZstdDecompress = (
  wire: Buffer,
  options: { maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void;

async function unzstd(wire: Buffer, maxBytes: number, shown: string): Promise<Buffer> {
  // Node has it from 22.15 on.
  const native = (zlib as { zstdDecompress?: ZstdDecompress }).zstdDecompress;
  if (native !== undefined) {
    return inThread(shown, maxBytes, (done) => {
      native(wire, { maxOutputLength: Math.max(1, maxBytes) }, done);
    });
  }
  const declared = zstdContentSize(wire);
  if (declared === 'invalid')
    throw new HttpClientError('protocol', `Cannot decompress the answer of ${shown}: not zstd data`);
  if (declared !== undefined && declared > maxBytes) throw new BodyTooLargeError(shown, maxBytes);
  const { decompress, init } = await import('@bokuweb/zstd-wasm');
  await init();
  try {
    const result = decompress(wire, { defaultHeapSize: Math.min(maxBytes, 64 * 1024 * 1024) });
    return Buffer.from(result.buffer, result.byteOffset, result.byteLength);
  } catch (cause) {
    throw decodeError(shown, maxBytes, cause);
  }
}

/** The length a zstd frame declares (RFC 8878, 3.1.1.1), which the decompressor would allocate unseen. */
function zstdContentSize(wire: Buffer): number | undefined | 'invalid' {
  if (wire.length < 6 || wire.readUInt32LE(0) !== 0xfd2fb528) return 'invalid';
  const descriptor = wire[4];
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3];
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][sizeFlag];
  if (wire.length < at + sizeBytes) return 'invalid';
  switch (sizeBytes) {
    case 0:
      return undefined;
    case 1:
      return wire[at];
    case 2:
      return wire.readUInt16LE(at) + 256;
    case 4:
      return wire.readUInt32LE(at);
    default:
      return Number(wire.readBigUInt64LE(at));
  }
}
