import * as fs from 'node:fs';

/** The system calls a log makes: a test puts a full disk or a failing one in their place. */
export interface LogFiles {
  mkdir(dir: string): void;
  /** Opens for writing, made if absent; the offset of writes is given with each. */
  open(file: string): number;
  /** Returns how many bytes were written. */
  write(fd: number, bytes: Uint8Array, from: number, length: number, position: number): number;
  truncate(fd: number, length: number): void;
  sync(fd: number): void;
  close(fd: number): void;
}

export const systemLogFiles: LogFiles = {
  mkdir: (dir) => {
    fs.mkdirSync(dir, { recursive: true });
  },
  open: (file) => fs.openSync(file, fs.constants.O_CREAT | fs.constants.O_RDWR, 0o666),
  write: (fd, bytes, from, length, position) => fs.writeSync(fd, bytes, from, length, position),
  truncate: (fd, length) => {
    fs.ftruncateSync(fd, length);
  },
  sync: (fd) => {
    fs.fsyncSync(fd);
  },
  close: (fd) => {
    fs.closeSync(fd);
  },
};
