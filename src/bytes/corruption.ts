/** Where damaged bytes were found. */
export interface CorruptionPlace {
  /** The file as the operator would name it; absent for bytes that came from elsewhere. */
  readonly file?: string;
  /** Byte offset of the damage inside the file (or inside the buffer, where there is no file). */
  readonly offset?: number;
}

/**
 * Bytes that cannot be what they claim to be: a wrong checksum, a length that points outside, an impossible code.
 *
 * The message says what was read and what was expected; `file` and `offset` say where.
 */
export class CorruptionError extends Error {
  override readonly name = 'CorruptionError';
  readonly file: string | undefined;
  readonly offset: number | undefined;
  /** The message without the place. */
  readonly reason: string;

  constructor(reason: string, place: CorruptionPlace = {}, options?: ErrorOptions) {
    super(describe(reason, place), options);
    this.reason = reason;
    this.file = place.file;
    this.offset = place.offset;
  }

  /** The same error in its file: decoders of a buffer know offsets only, who opened the file knows its name. */
  in(file: string, baseOffset = 0): CorruptionError {
    const offset = this.offset === undefined ? baseOffset : baseOffset + this.offset;
    return new CorruptionError(this.reason, { file: this.file ?? file, offset }, { cause: this.cause });
  }
}

function describe(reason: string, place: CorruptionPlace): string {
  if (place.file === undefined) return place.offset === undefined ? reason : `${reason} (at byte ${place.offset})`;
  return place.offset === undefined ? `${place.file}: ${reason}` : `${place.file} at byte ${place.offset}: ${reason}`;
}
