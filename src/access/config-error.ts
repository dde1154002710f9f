/** A place in a configuration: keys and indexes from the top of the document. */
export type ConfigPath = readonly (string | number)[];

/** Something in the access configuration that cannot hold; the message says what was found and what was expected. */
export class AccessConfigError extends Error {
  override readonly name = 'AccessConfigError';
  readonly path: ConfigPath;

  constructor(path: ConfigPath, message: string) {
    super(`${pathText(path)}: ${message}`);
    this.path = path;
  }
}

function pathText(path: ConfigPath): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');
}
