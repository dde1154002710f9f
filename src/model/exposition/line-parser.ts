import type { MetricType } from '../metadata.ts';
import type { ExpositionParser } from './parser.ts';

/**
 * A parser of lines, which can be told what a line begins with. Successive pages of a target differ in their values only: whoever
 * finds the bytes up to a value unchanged need not have them read again.
 */
export interface LineParser extends ExpositionParser {
  /** The byte after what has been read: the beginning of a line, unless an error was thrown. */
  readonly at: number;
  /** Where the value of the series entry begins. */
  readonly valueStart: number;
  /** Whether something follows the value and timestamp of the series entry: an exemplar. */
  readonly hasRest: boolean;

  /**
   * Reads from a value to the end of its line, as if `next` had read the line: `value`, `timestamp` and exemplar are those of the
   * line, its labels are not known. `valueStart` must be where a value was found behind the same bytes before.
   *
   * @param lineStart for messages
   * @throws {ExpositionError}
   */
  valueAt(lineStart: number, valueStart: number): void;

  /** Goes on with `next` at the beginning of a line. @param type of the family that was last declared before it */
  resume(at: number, type: MetricType): void;
}
