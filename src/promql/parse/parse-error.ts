import type { PositionRange } from './ast.ts';

/** One thing that is wrong with a query. */
export interface ParseFault {
  readonly message: string;
  readonly pos: PositionRange;
}

/** A query that is not PromQL; the message is the first fault as Prometheus words it: `1:5: parse error: …`. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  readonly query: string;
  /** In the order they were found, at least one. */
  readonly faults: readonly ParseFault[];

  constructor(query: string, faults: readonly ParseFault[]) {
    super(`${describePosition(query, faults[0]!.pos)}: parse error: ${faults[0]!.message}`);
    this.query = query;
    this.faults = faults;
  }

  /** Where the first fault is. */
  get pos(): PositionRange {
    return this.faults[0]!.pos;
  }
}

/**
 * The start of a range as `line:column`, both counted from 1, the column in bytes.
 *
 * @see Prometheus `promql/parser/posrange`, StartPosInput
 */
export function describePosition(query: string, pos: PositionRange): string {
  if (query === '') return 'unknown position';
  const bytes = Buffer.from(query);
  if (pos.start < 0 || pos.start > bytes.length) return 'invalid position';
  let line = 1;
  let lastBreak = -1;
  for (let i = 0; i < pos.start; i++) {
    if (bytes[i] === 0x0a) {
      lastBreak = i;
      line++;
    }
  }
  return `${line}:${pos.start - lastBreak}`;
}
