/** Parameters of a request: a name may come several times. */
export class Params {
  static readonly NONE = new Params([]);

  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(pairs: Iterable<readonly [name: string, value: string]>) {
    const values = new Map<string, string[]>();
    for (const [name, value] of pairs) {
      const list = values.get(name);
      if (list === undefined) values.set(name, [value]);
      else list.push(value);
    }
    this.#values = values;
  }

  /** The first value, or `''` where there is none: to Prometheus both are the same. */
  get(name: string): string {
    return this.#values.get(name)?.[0] ?? '';
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const [name, values] of this.#values) for (const value of values) yield [name, value];
  }
}

/** Most parameters a request may carry: thousands of `match[]` are plausible, millions are an attack on the map. */
const MAX_PAIRS = 20_000;

/** A form that cannot be read. */
export class FormError extends Error {
  override readonly name = 'FormError';
}

/**
 * `a=1&b=2`, from a URL or a body.
 *
 * As in Go, a pair with a bad escape or a semicolon is left out rather than guessed at.
 *
 * @throws {FormError} for text that is not UTF-8, and for too many pairs
 */
export function parseForm(form: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  if (form === '') return pairs;
  for (const part of form.split('&', MAX_PAIRS + 1)) {
    if (part === '' || part.includes(';')) continue;
    const equals = part.indexOf('=');
    const name = unescape(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : unescape(part.slice(equals + 1));
    if (name === undefined || value === undefined) continue;
    pairs.push([name, value]);
  }
  if (pairs.length > MAX_PAIRS) throw new FormError(`more than ${MAX_PAIRS} parameters`);
  return pairs;
}

function unescape(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  if (/%(?![0-9a-fA-F]{2})/.test(spaced)) return undefined;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw new FormError(`${JSON.stringify(text.slice(0, 60))} is not valid UTF-8`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of a form body as text. @throws {FormError} unless they are UTF-8 */
export function formText(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (error) {
    throw new FormError('the form is not valid UTF-8', { cause: error });
  }
}
