import { readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isUlid } from '../../bytes/index.ts';
import { StorageError } from '../../storage/index.ts';

/** Of a directory that is not a block yet, and of one that is a block no more. */
export const CREATION_SUFFIX = '.tmp-for-creation';
export const DELETION_SUFFIX = '.tmp-for-deletion';
const LEGACY_SUFFIX = '.tmp';

/** The directories of the blocks in a database's directory, in the order of their names. @throws {StorageError} */
export function blockDirs(dbDir: string): string[] {
  return directories(dbDir)
    .filter(isUlid)
    .sort()
    .map((name) => path.join(dbDir, name));
}

/**
 * Removes what was left of blocks when the process ended in the midst of making or deleting them. Returns the names of what it has removed.
 *
 * @throws {StorageError}
 */
export function removeLeftovers(dbDir: string): string[] {
  const leftovers = directories(dbDir).filter((name) =>
    [CREATION_SUFFIX, DELETION_SUFFIX, LEGACY_SUFFIX].some(
      (suffix) => name.endsWith(suffix) && isUlid(name.slice(0, -suffix.length)),
    ),
  );
  for (const name of leftovers) remove(path.join(dbDir, name));
  return leftovers;
}

/** Deletes a block's directory: first under another name, so that no half of it is ever taken for a block. @throws {StorageError} */
export function deleteBlockDir(blockDir: string): void {
  const doomed = blockDir + DELETION_SUFFIX;
  remove(doomed);
  try {
    renameSync(blockDir, doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new StorageError(`Cannot delete "${blockDir}": ${(error as Error).message}`, { cause: error });
  }
  remove(doomed);
}

function remove(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch (error) {
    throw new StorageError(`Cannot delete "${dir}": ${(error as Error).message}`, { cause: error });
  }
}

function directories(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    throw new StorageError(`Cannot list "${dir}": ${(error as Error).message}`, { cause: error });
  }
}
