import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CorruptionError, crc32c, Decbuf, Encbuf } from '../../bytes/index.ts';
import { StorageError } from '../../storage/index.ts';
import { Tombstones } from '../tombstones.ts';
import { replaceFile } from './replace-file.ts';
import { hex } from './section-scanner.ts';

export const TOMBSTONES_FILE = 'tombstones';
const TOMBSTONES_MAGIC = 0x0130ba30;
const TOMBSTONES_VERSION = 1;
const HEADER_BYTES = 5;

/**
 * Reads the tombstones of a block; a block without the file has none.
 *
 * @throws {CorruptionError}
 * @throws {StorageError} when the file is there and cannot be read
 * @see docs/formats/tombstones.md
 */
export function readTombstones(blockDir: string): { tombstones: Tombstones; size: number } {
  const file = path.join(blockDir, TOMBSTONES_FILE);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { tombstones: new Tombstones(), size: 0 };
    throw new StorageError(`Cannot read "${file}": ${(error as Error).message}`, { cause: error });
  }
  return { tombstones: decodeTombstones(bytes, file), size: bytes.length };
}

/** @param file named in errors @throws {CorruptionError} */
export function decodeTombstones(bytes: Uint8Array, file: string): Tombstones {
  const header = new Decbuf(bytes, { file });
  const magic = header.be32();
  if (magic !== TOMBSTONES_MAGIC) {
    throw new CorruptionError(`File begins with ${hex(magic)}, expected ${hex(TOMBSTONES_MAGIC)}`, { file, offset: 0 });
  }
  const version = header.byte();
  if (version !== TOMBSTONES_VERSION) {
    throw new CorruptionError(`File has version ${version}, expected ${TOMBSTONES_VERSION}`, { file, offset: 4 });
  }
  // The checksum leaves out magic and version, which stand before what it covers.
  const body = Decbuf.checked(bytes, { file, from: HEADER_BYTES });
  const stones: { ref: number; mint: number; maxt: number }[] = [];
  while (body.remaining > 0) {
    const { at } = body;
    const stone = { ref: body.uvarint(), mint: body.varint(), maxt: body.varint() };
    if (stone.mint > stone.maxt) {
      throw new CorruptionError(`Interval from ${stone.mint} to ${stone.maxt}`, { file, offset: at });
    }
    stones.push(stone);
  }
  // In order of time they are joined before they are added, so that thousands of one series cost no more than of thousands.
  stones.sort((a, b) => a.ref - b.ref || a.mint - b.mint);
  const tombstones = new Tombstones();
  let last: { ref: number; mint: number; maxt: number } | undefined;
  for (const stone of stones) {
    if (last?.ref === stone.ref && stone.mint <= last.maxt + 1) last.maxt = Math.max(last.maxt, stone.maxt);
    else {
      if (last !== undefined) tombstones.add(last.ref, last.mint, last.maxt);
      last = stone;
    }
  }
  if (last !== undefined) tombstones.add(last.ref, last.mint, last.maxt);
  return tombstones;
}

/** Writes the tombstones of a block in place of those it had; returns the size of the file. @throws {StorageError} */
export function writeTombstones(blockDir: string, tombstones: Tombstones): number {
  const bytes = encodeTombstones(tombstones);
  replaceFile(path.join(blockDir, TOMBSTONES_FILE), bytes);
  return bytes.length;
}

export function encodeTombstones(tombstones: Tombstones): Uint8Array {
  const out = new Encbuf(64);
  out.putBe32(TOMBSTONES_MAGIC);
  out.putByte(TOMBSTONES_VERSION);
  for (const [ref, intervals] of [...tombstones.entries()].sort(([a], [b]) => a - b)) {
    for (const { mint, maxt } of intervals) {
      out.putUvarint(ref);
      out.putVarint(mint);
      out.putVarint(maxt);
    }
  }
  out.putBe32(crc32c(out.bytes(), HEADER_BYTES, out.length));
  return out.toBytes();
}
