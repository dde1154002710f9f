import { readFileSync, readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { FamilySample, FamilyType, MetricFamily } from '../../runtime/index.ts';

/** What the kernel says of a mounted filesystem, sizes in bytes. */
export interface FilesystemSize {
  readonly size: number;
  readonly free: number;
  readonly avail: number;
  readonly files: number;
  readonly filesFree: number;
}

/**
 * The machine as the collectors see it: its /proc and /sys, wherever they are mounted. Reads are synchronous, these files come from
 * the kernel's memory; asking a filesystem for its size may hang on a dead network mount, so that one is asynchronous.
 */
export interface Host {
  /** The text of a file below /proc. @throws when it cannot be read */
  proc(file: string): string;
  /** The text of a file below /sys, without the final newline. @throws when it cannot be read */
  sys(file: string): string;
  /** Names in a directory below /sys, sorted; empty where there is none. */
  sysList(dir: string): readonly string[];
  /** The text of a file of the root filesystem. @throws when it cannot be read */
  file(file: string): string;
  filesystemSize(mountpoint: string): Promise<FilesystemSize>;
  /** Wall clock, ms. */
  now(): number;
}

export interface HostPaths {
  readonly procfs?: string;
  readonly sysfs?: string;
  readonly rootfs?: string;
}

/** This machine, or the one mounted at `paths` (as in a container with the host's filesystems). */
export function openHost(paths: HostPaths = {}, now: () => number = Date.now): Host {
  const { procfs = '/proc', sysfs = '/sys', rootfs = '/' } = paths;
  return {
    proc: (file) => readFileSync(path.join(procfs, file), 'utf8'),
    sys: (file) => readFileSync(path.join(sysfs, file), 'utf8').replace(/\n$/, ''),
    sysList: (dir) => {
      try {
        return readdirSync(path.join(sysfs, dir)).sort();
      } catch {
        return [];
      }
    },
    file: (file) => readFileSync(path.join(rootfs, file), 'utf8'),
    filesystemSize: async (mountpoint) => {
      const stat = await statfs(path.join(rootfs, mountpoint));
      return {
        size: stat.blocks * stat.bsize,
        free: stat.bfree * stat.bsize,
        avail: stat.bavail * stat.bsize,
        files: stat.files,
        filesFree: stat.ffree,
      };
    },
    now,
  };
}

/** This kernel or machine has nothing for the collector: not an error, but no success either. */
export class NoDataError extends Error {
  override readonly name = 'NoDataError';
}

/** One subject of the machine, named as node_exporter names its collector. A collector that throws is reported as failed. */
export interface NodeCollector {
  readonly name: string;
  collect(host: Host): readonly MetricFamily[] | Promise<readonly MetricFamily[]>;
}

/** Gathers samples into families, each family once however its samples are interleaved in the source. */
export class Families {
  #families = new Map<string, MetricFamily & { samples: FamilySample[] }>();

  /** Adds a sample to the family `node_<name>`. */
  add(name: string, type: FamilyType, help: string, value: number, labels: readonly string[] = []): void {
    const fullName = `node_${name}`;
    let family = this.#families.get(fullName);
    if (family === undefined) {
      family = { name: fullName, type, help, samples: [] };
      this.#families.set(fullName, family);
    }
    family.samples.push({ suffix: '', labels, value });
  }

  counter(name: string, help: string, value: number, labels?: readonly string[]): void {
    this.add(name, 'counter', help, value, labels);
  }

  gauge(name: string, help: string, value: number, labels?: readonly string[]): void {
    this.add(name, 'gauge', help, value, labels);
  }

  untyped(name: string, help: string, value: number, labels?: readonly string[]): void {
    this.add(name, 'untyped', help, value, labels);
  }

  list(): readonly MetricFamily[] {
    return [...this.#families.values()];
  }
}

/** The lines of a kernel file, without empty ones. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** The fields of a line, separated by any white space. */
export function fieldsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** A number of a kernel file. @throws when it is none */
export function numberOf(text: string | undefined, what: string): number {
  const value = Number(text);
  if (text === undefined || text.trim() === '' || Number.isNaN(value)) {
    throw new Error(`${what}: expected a number, got ${JSON.stringify(text ?? null)}`);
  }
  return value;
}
