import { closeSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { StorageError } from '../storage/index.ts';

const LOCK_FILE = 'lock';

/**
 * Keeps a second process from writing to the same directory.
 *
 * The file holds the owner's process id and start time; it is stale, and taken over, when no such process runs any more: ids alone are
 * reused (in a container it is always the same one). A Prometheus that runs on the directory holds a kernel lock on the same file, which is
 * seen in `/proc/locks`.
 *
 * @returns a function that releases the lock
 * @throws {StorageError} naming the process that has the directory
 */
export function lockDirectory(dir: string): () => void {
  const file = path.join(dir, LOCK_FILE);
  const me = `${process.pid}\n${startTime(process.pid) ?? ''}\n`;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const fd = openSync(file, 'wx');
      writeSync(fd, me);
      closeSync(fd);
      return () => {
        try {
          if (readFileSync(file, 'utf8') === me) unlinkSync(file);
        } catch {
          // Somebody has removed the directory: there is nothing to release.
        }
      };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new StorageError(`Cannot write the lock file ${file}: ${(cause as Error).message}`, { cause });
      }
    }
    const owner = ownerOf(file);
    if (owner !== undefined) {
      throw new StorageError(`Cannot open ${dir}: process ${owner} uses it (${file})`);
    }
    try {
      unlinkSync(file);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new StorageError(`Cannot remove the stale lock file ${file}: ${(cause as Error).message}`, { cause });
      }
    }
  }
  throw new StorageError(`Cannot lock ${dir}: other processes keep creating ${file}`);
}

/** The running process that holds the lock file, if there is one. */
function ownerOf(file: string): number | undefined {
  const kernel = kernelLockOwner(file);
  if (kernel !== undefined) return kernel;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const [pidText, started = ''] = text.split('\n');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !isRunning(pid)) return undefined;
  const now = startTime(pid);
  return started === '' || now === undefined || now === started ? pid : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that was killed and not yet reaped answers too, but writes nothing any more.
    const state = procStat(pid)?.[0];
    return state !== 'Z' && state !== 'X';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a process in kernel ticks, where the system tells. */
function startTime(pid: number): string | undefined {
  return procStat(pid)?.[19];
}

/** The fields of `/proc/PID/stat` behind the command's name: state first. */
function procStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in brackets may hold anything; the fields behind the last bracket do not.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** The process with a kernel lock on the file: lines are `1: FLOCK ADVISORY WRITE <pid> <major>:<minor>:<inode> …`. */
function kernelLockOwner(file: string): number | undefined {
  try {
    const { ino } = statSync(file);
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[5]?.split(':')[2] === String(ino)) return Number(fields[4]);
    }
  } catch {
    // No such file system: nothing to be known.
  }
  return undefined;
}
