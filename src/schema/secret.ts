import { scalarText } from './primitives.ts';
import { type Schema } from './schema.ts';
import { plain, text } from './yaml-writer.ts';

/** What a secret is printed as, everywhere. */
export const secretPlaceholder = '<secret>';

/** The least a secret type has to offer. */
export interface Revealable {
  reveal(): string;
}

/**
 * A string that is wrapped the moment it is read and printed as `<secret>` ever after.
 *
 * @param wrap makes the secret type; `runtime`'s `Secret`, as a rule
 */
export function secretOf<S extends Revealable>(wrap: (value: string) => S): Schema<S> {
  return {
    decode: (node, decoder) => {
      if (node.kind === 'scalar') return wrap(scalarText(node, decoder, 'a string') ?? '');
      // The value itself is kept out of the message.
      decoder.fail(node, `cannot use a ${node.kind} as a secret`, 'a string');
      return wrap('');
    },
    zero: () => wrap(''),
    isZero: (value) => value.reveal() === '',
    encode: (value) => (value.reveal() === '' ? plain('null') : text(secretPlaceholder)),
    describe: () => ({ type: 'secret' }),
  };
}
