import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { StorageError } from '../../storage/index.ts';

/**
 * Puts a file in the place of another, so that after a crash it is the old one or the new one.
 *
 * @throws {StorageError}
 */
export function replaceFile(file: string, bytes: Uint8Array): void {
  const temporary = `${file}.tmp`;
  try {
    const fd = openSync(temporary, 'w');
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
    syncDir(path.dirname(file));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new StorageError(`Cannot write "${file}": ${(error as Error).message}`, { cause: error });
  }
}

/** Makes sure that the names in a directory survive the end of the machine. */
export function syncDir(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
