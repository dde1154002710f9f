import path from 'node:path';
import { scalarText } from './primitives.ts';
import { type Schema } from './schema.ts';
import { text } from './yaml-writer.ts';

/**
 * A path of a file. Relative ones are taken from the folder of the file they are written in, when the decoder knows it.
 *
 * @param check says what is wrong with the path as written, or nothing
 */
export function filePath(check?: (value: string) => string | undefined): Schema<string> {
  return {
    decode(node, decoder) {
      const value = scalarText(node, decoder, 'a path') ?? '';
      const wrong = check?.(value);
      if (wrong !== undefined) decoder.fail(node, wrong);
      return resolvePath(decoder.directory, value);
    },
    zero: () => '',
    isZero: (value) => value === '',
    encode: (value) => text(value),
    describe: () => ({ type: 'path' }),
  };
}

/** `value` below `directory`, unless it is absolute or empty, or there is no directory. */
export function resolvePath(directory: string | undefined, value: string): string {
  if (directory === undefined || value === '' || path.isAbsolute(value)) return value;
  const joined = path.join(directory, value);
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}
