/** A place in a configuration: keys and indexes from the top of the document. */
export type ConfigPath = readonly (string | number)[];

/** Something in the access configuration that cannot hold; the message says what was found and what was expected. */
export class AccessConfigError extends Error {
  override readonly name = 'AccessConfigError';
  readonly path: ConfigPath;
  /** The message without the place. */
  readonly detail: string;

  constructor(path: ConfigPath, detail: string) {
    super(`${pathText(path)}: ${detail}`);
    this.path = path;
    this.detail = detail;
  }
}

/** `bindings[2].scope[0]` */
export function pathText(path: ConfigPath): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');
}
