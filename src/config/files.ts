import { access, readdir, readFile } from 'node:fs/promises';

/** The files a configuration refers to; a test passes its own. */
export interface ConfigFiles {
  /** @throws the system's error when the file cannot be read */
  read(path: string): Promise<Uint8Array>;
  exists(path: string): Promise<boolean>;
  /** Names in a folder; nothing when it cannot be read. */
  list(directory: string): Promise<string[]>;
}

export const systemFiles: ConfigFiles = {
  read: (path) => readFile(path),
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  list: (directory) => readdir(directory).catch(() => []),
};
