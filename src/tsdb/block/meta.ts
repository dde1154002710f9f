import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CorruptionError, isUlid } from '../../bytes/index.ts';
import { StorageError } from '../../storage/index.ts';
import { replaceFile } from './replace-file.ts';

export const META_FILE = 'meta.json';
const META_VERSION = 1;

/** What a block was made from that its data do not tell; `Compaction.hints`. */
export const FROM_OUT_OF_ORDER = 'from-out-of-order';
export const FROM_STALE_SERIES = 'from-stale-series';
export const FROM_SELECTED_SERIES = 'from-selected-series';

export interface BlockStats {
  readonly numSamples: number;
  readonly numFloatSamples: number;
  readonly numHistogramSamples: number;
  readonly numSeries: number;
  readonly numChunks: number;
  readonly numTombstones: number;
}

/** A block that another one was made from. */
export interface BlockDescription {
  readonly ulid: string;
  readonly minTime: number;
  readonly maxTime: number;
}

export interface Compaction {
  /** 1 for what came from the head, then one more with every merge. */
  readonly level: number;
  /** The level-1 blocks whose samples are in this one. */
  readonly sources: readonly string[];
  /** Nothing is left of it: to be deleted at the next occasion. */
  readonly deletable: boolean;
  /** The blocks it was made from directly. */
  readonly parents: readonly BlockDescription[];
  /** Merging it has failed: it is left alone. */
  readonly failed: boolean;
  readonly hints: readonly string[];
}

/** What `meta.json` says of a block. */
export interface BlockMeta {
  readonly ulid: string;
  /** First instant of the block, ms. */
  readonly minTime: number;
  /** First instant after it, ms. */
  readonly maxTime: number;
  readonly stats: BlockStats;
  readonly compaction: Compaction;
}

export const NO_STATS: BlockStats = {
  numSamples: 0,
  numFloatSamples: 0,
  numHistogramSamples: 0,
  numSeries: 0,
  numChunks: 0,
  numTombstones: 0,
};

/**
 * Reads the `meta.json` of a block. What is missing is taken as 0, `false` or empty; fields that are not known are dropped.
 *
 * @throws {CorruptionError} when it is no JSON, or says something impossible
 * @throws {StorageError} when it cannot be read
 * @see docs/formats/meta.md
 */
export function readMeta(blockDir: string): BlockMeta {
  const file = path.join(blockDir, META_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new StorageError(`Cannot read "${file}": ${(error as Error).message}`, { cause: error });
  }
  return parseMeta(text, file);
}

/** @param file named in errors @throws {CorruptionError} */
export function parseMeta(text: string, file: string): BlockMeta {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CorruptionError(`Not JSON: ${(error as Error).message}`, { file }, { cause: error });
  }
  const root = new Fields(json, file, '');
  const version = root.number('version');
  if (version !== META_VERSION) throw root.bad('version', version, `${META_VERSION}`);
  const stats = root.object('stats');
  const compaction = root.object('compaction');
  const meta: BlockMeta = {
    ulid: root.ulid('ulid'),
    minTime: root.number('minTime'),
    maxTime: root.number('maxTime'),
    stats: {
      numSamples: stats.number('numSamples'),
      numFloatSamples: stats.number('numFloatSamples'),
      numHistogramSamples: stats.number('numHistogramSamples'),
      numSeries: stats.number('numSeries'),
      numChunks: stats.number('numChunks'),
      numTombstones: stats.number('numTombstones'),
    },
    compaction: {
      level: compaction.number('level'),
      sources: compaction.list('sources').map((value) => compaction.ulidOf(value, 'sources')),
      deletable: compaction.flag('deletable'),
      parents: compaction.list('parents').map((value, i) => {
        const parent = new Fields(value, file, `compaction.parents[${i}]`);
        return { ulid: parent.ulid('ulid'), minTime: parent.number('minTime'), maxTime: parent.number('maxTime') };
      }),
      failed: compaction.flag('failed'),
      hints: compaction.list('hints').map((value) => {
        if (typeof value !== 'string') throw compaction.bad('hints', value, 'strings');
        return value;
      }),
    },
  };
  if (meta.minTime > meta.maxTime) throw root.bad('minTime', meta.minTime, `at most ${meta.maxTime}`);
  return meta;
}

/**
 * Writes the `meta.json` of a block: a temporary file that takes the old one's place when it is on the disk.
 *
 * @throws {StorageError}
 */
export function writeMeta(blockDir: string, meta: BlockMeta): void {
  replaceFile(path.join(blockDir, META_FILE), Buffer.from(formatMeta(meta)));
}

/** The text of `meta.json` as Prometheus writes it: tabs, and nothing for what is zero or empty. */
export function formatMeta({ ulid, minTime, maxTime, stats, compaction }: BlockMeta): string {
  const json = {
    ulid,
    minTime,
    maxTime,
    stats: withoutZeros(stats),
    compaction: {
      level: compaction.level,
      sources: orNothing(compaction.sources),
      deletable: compaction.deletable || undefined,
      parents: orNothing(compaction.parents),
      failed: compaction.failed || undefined,
      hints: orNothing(compaction.hints),
    },
    version: META_VERSION,
  };
  return JSON.stringify(json, undefined, '\t');
}

function orNothing<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function withoutZeros(stats: BlockStats): Partial<BlockStats> {
  return Object.fromEntries(Object.entries(stats).filter(([, value]) => value !== 0));
}

/** The fields of an object of a JSON document, checked as they are taken. */
class Fields {
  readonly #object: Record<string, unknown>;
  readonly #file: string;
  readonly #place: string;

  constructor(value: unknown, file: string, place: string) {
    this.#file = file;
    this.#place = place;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new CorruptionError(`Expected an object at "${place}", found ${JSON.stringify(value)}`, { file });
    }
    this.#object = value as Record<string, unknown>;
  }

  #field(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  bad(name: string, value: unknown, expected: string): CorruptionError {
    const place = this.#place === '' ? name : `${this.#place}.${name}`;
    return new CorruptionError(`"${place}" is ${JSON.stringify(value)}, expected ${expected}`, { file: this.#file });
  }

  /** A whole number; 0 where there is none. */
  number(name: string): number {
    const value = this.#field(name) ?? 0;
    if (!Number.isSafeInteger(value)) throw this.bad(name, value, 'a whole number');
    return value as number;
  }

  flag(name: string): boolean {
    const value = this.#field(name) ?? false;
    if (typeof value !== 'boolean') throw this.bad(name, value, 'true or false');
    return value;
  }

  list(name: string): unknown[] {
    const value = this.#field(name) ?? [];
    if (!Array.isArray(value)) throw this.bad(name, value, 'a list');
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.#field(name) ?? {}, this.#file, this.#place === '' ? name : `${this.#place}.${name}`);
  }

  ulid(name: string): string {
    return this.ulidOf(this.#field(name), name);
  }

  ulidOf(value: unknown, name: string): string {
    if (typeof value !== 'string' || !isUlid(value)) throw this.bad(name, value, 'a ULID');
    return value;
  }
}
