/** A store could not do what was asked: the message says what, where and, for a fault of the disk, which file. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}
