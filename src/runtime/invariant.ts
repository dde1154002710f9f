/** Our own mistake: never caught to go on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** States what must hold if this program is right. @throws {InvariantError} when it does not */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new InvariantError(`Unexpected value: ${JSON.stringify(value)}`);
}
