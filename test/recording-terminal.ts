import type { Terminal } from '../src/cli/terminal.ts';

/** What a command did to its terminal. */
export interface RecordingTerminal extends Terminal {
  readonly output: string;
  readonly errors: string;
  readonly code: number;
}

/** A terminal that keeps what is written to it. @param typed lines somebody types; nobody is there without */
export function recordingTerminal(input = '', env: Terminal['env'] = {}, typed?: readonly string[]): RecordingTerminal {
  const lines = [...(typed ?? [])];
  const terminal = {
    output: '',
    errors: '',
    code: 0,
    env,
    out(text: string) {
      terminal.output += text;
    },
    err(text: string) {
      terminal.errors += text;
    },
    readInput: () => Promise.resolve(Buffer.from(input)),
    readHidden(prompt: string) {
      terminal.errors += prompt;
      return typed === undefined ? undefined : Promise.resolve(lines.shift() ?? '');
    },
    exit(code: number) {
      terminal.code = code;
    },
  };
  return terminal;
}
