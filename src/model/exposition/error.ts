/** What a target sent is not in the format it should be in; the message is worded as Prometheus words it. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError';
}
