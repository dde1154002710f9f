/** A place in a text: lines and columns count from 1, columns count characters (code points). */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A named text that can say on which line and column an offset lies. */
export class SourceText {
  /** The name errors are reported under, usually the path as the user gave it. */
  readonly file: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** Where the UTF-16 offset `offset` lies; offsets outside the text are moved to its ends. */
  locate(offset: number): Position {
    const starts = (this.#lineStarts ??= lineStarts(this.text));
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    let column = 1;
    for (let i = starts[low]; i < at; i++) {
      const unit = this.text.charCodeAt(i);
      // The second half of a surrogate pair belongs to the character before it.
      if (unit < 0xdc00 || unit > 0xdfff) column++;
    }
    return { line: low + 1, column };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}
