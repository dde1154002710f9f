import type { Terminal } from '../src/cli/terminal.ts';

/** What a command did to its terminal. */
export interface RecordingTerminal extends Terminal {
  readonly output: string;
  readonly errors: string;
  readonly code: number;
}

/** A terminal that keeps what is written to it. */
export function recordingTerminal(input = '', env: Terminal['env'] = {}): RecordingTerminal {
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
    exit(code: number) {
      terminal.code = code;
    },
  };
  return terminal;
}
