import { readFileSync, statSync } from 'node:fs';
import { type Clock, type Secret } from '../runtime/index.ts';
import { HttpClientError } from './errors.ts';

/** Gives secrets by name, for the `…_ref` fields of a configuration. */
export interface SecretManager {
  /** @throws when there is no such secret, or it cannot be had now */
  fetch(name: string): Promise<string>;
}

/** How often a file's times are looked at, at most: reading them costs a system call. */
const checkIntervalMs = 1000;

/** A file that is read again when it has changed. Meant for small files: keys, tokens, passwords. */
export class WatchedFile {
  readonly path: string;
  readonly #clock: Clock;
  #text: string | undefined;
  #stamp = '';
  #checkedAt = -Infinity;

  constructor(path: string, clock: Clock) {
    this.path = path;
    this.#clock = clock;
  }

  /** The text now. @throws {HttpClientError} `credentials` when the file cannot be read */
  read(): string {
    const now = this.#clock.monotonic();
    if (this.#text !== undefined && now - this.#checkedAt < checkIntervalMs) return this.#text;
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(this.path);
      const stamp = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (this.#text === undefined || stamp !== this.#stamp) {
        this.#text = readFileSync(this.path, 'utf8');
        this.#stamp = stamp;
      }
      this.#checkedAt = now;
      return this.#text;
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new HttpClientError('credentials', `Cannot read ${this.path}: ${code}`, { cause });
    }
  }
}

/** A text from one of the places a configuration can name: inline, a file, a secret manager. */
export interface SecretSource {
  /** Never changes: what is made from it can be kept. */
  readonly isFixed: boolean;
  /** At once, where no one has to be asked; `undefined` for the secrets of a manager. */
  readNow(): string | undefined;
  read(): Promise<string>;
}

export interface SecretPlaces {
  readonly text: string | Secret;
  readonly file: string;
  readonly ref: string;
}

/**
 * The source among three fields of which at most one is set; `undefined` when none is. Texts of files lose the white space around
 * them, so that a final newline does no harm.
 *
 * @throws {HttpClientError} `credentials` for a `ref` where there is no secret manager
 */
export function secretSource(
  places: SecretPlaces,
  clock: Clock,
  manager: SecretManager | undefined,
): SecretSource | undefined {
  const text = typeof places.text === 'string' ? places.text : places.text.reveal();
  if (text !== '') return { isFixed: true, readNow: () => text, read: () => Promise.resolve(text) };
  if (places.file !== '') {
    const file = new WatchedFile(places.file, clock);
    const readNow = (): string => file.read().trim();
    return { isFixed: false, readNow, read: async () => readNow() };
  }
  if (places.ref === '') return undefined;
  if (manager === undefined) {
    throw new HttpClientError('credentials', `Cannot use secret ${places.ref}: there is no secret manager`);
  }
  return { isFixed: false, readNow: () => undefined, read: () => manager.fetch(places.ref) };
}
