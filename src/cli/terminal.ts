import { CommanderError, type Command } from 'commander';

/** A mistake on the command line, as Prometheus ends for one. */
export const EXIT_USAGE = 2;

/** Where a command reads and writes; a test passes its own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** All of standard input. */
  readInput(): Promise<Buffer>;
  /** Asks for a line that is not shown while it is typed; `undefined` where nobody is there to type. */
  readHidden(prompt: string): Promise<string> | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  exit(code: number): void;
}

/** The terminal of this process. */
export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readInput: async () => {
    const pieces: Buffer[] = [];
    for await (const piece of process.stdin) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  },
  readHidden: (prompt) => (process.stdin.isTTY ? readHidden(prompt) : undefined),
  env: process.env,
  exit: (code) => {
    process.exitCode = code;
  },
};

/** Arguments that cannot be used, found after they were taken apart. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something a command was to do and could not. The message is for the person at the terminal. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/**
 * Has a command tree take its arguments and do its work: a wrong argument ends with exit code 2, a failure with 1, both with a
 * message and without a stack. Never rejects.
 */
export async function runCommand(command: Command, args: readonly string[], terminal: Terminal): Promise<void> {
  try {
    await command.parseAsync(args as string[], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Its message has been written already.
      terminal.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
      return;
    }
    terminal.err(`error: ${messageOf(error)}\n`);
    terminal.exit(error instanceof UsageError ? EXIT_USAGE : 1);
  }
}

/** What an error says, with what caused it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The settings every command has, which commander hands on to the commands made from this one. */
export function configured(command: Command, terminal: Terminal): Command {
  return command
    .exitOverride()
    .showHelpAfterError('(add --help for the arguments and examples)')
    .allowExcessArguments(false)
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
}

/** Reads a line from the terminal with the echo off. */
function readHidden(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let line = '';
    const end = (settle: () => void) => {
      stdin.setRawMode(false);
      stdin.off('data', onData);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const onData = (keys: string) => {
      for (const key of keys) {
        if (key === '\r' || key === '\n' || key === '\u0004') {
          end(() => {
            resolve(line);
          });
          return;
        }
        if (key === '\u0003') {
          end(() => {
            reject(new CommandFailure('interrupted'));
          });
          return;
        }
        if (key === '\u007f' || key === '\b') line = [...line].slice(0, -1).join('');
        else line += key;
      }
    };
    stdin.on('data', onData);
    stdin.resume();
  });
}
