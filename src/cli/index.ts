import { Command, Option } from 'commander';
import { flagGroups } from './serve/flags.ts';
import { FlagError, parseServeOptions, type FlagValues, type ServeOptions } from './serve/options.ts';
import { configured, processTerminal, runCommand, type Terminal, UsageError } from './terminal.ts';
import { VERSION } from './version.ts';

/** The commands beside `serve`, each loaded only when it is asked for. */
const commands = [
  {
    name: 'tool',
    description: 'Check files, lint metrics, format and run queries: the commands of promtool.',
    load: async (terminal: Terminal) => (await import('./tool/index.ts')).toolCommand(terminal),
  },
  {
    name: 'access',
    description: 'Hash passwords and make tokens for the access file.',
    load: async (terminal: Terminal) => (await import('./access/index.ts')).accessCommand(terminal),
  },
  {
    name: 'completion',
    description: 'Print the completion script for a shell.',
    load: async (terminal: Terminal) =>
      (await import('./completion/index.ts')).completionCommand(terminal, () => wholeProgram(terminal)),
  },
] as const;

/** Runs the program named on the command line and sets the exit code; never rejects for a mistake of the caller's. */
export async function run(argv: readonly string[], terminal: Terminal = processTerminal): Promise<void> {
  const args = argv.slice(2);
  await runCommand(await programFor(args, terminal), args, terminal);
}

/** The program with as much of its command tree as the arguments call for. */
async function programFor(args: readonly string[], terminal: Terminal): Promise<Command> {
  const program = configured(new Command('yagura'), terminal)
    .description('A Prometheus-compatible monitoring system with the security model built in.')
    .version(`yagura ${VERSION}`, '-V, --version');
  program.addCommand(serveCommand().copyInheritedSettings(program));
  for (const { name, description, load } of commands) {
    if (args.includes(name)) program.addCommand(await load(terminal));
    else program.command(name).description(description);
  }
  return program;
}

/** The program with everything in it. */
function wholeProgram(terminal: Terminal): Promise<Command> {
  return programFor(
    commands.map(({ name }) => name),
    terminal,
  );
}

function serveCommand(): Command {
  const command = new Command('serve')
    .description('Scrape, store, answer queries, evaluate rules and show it all; takes the flags of prometheus.')
    .allowExcessArguments(false);
  const attributes = new Map<string, string>();
  for (const group of flagGroups) {
    for (const flag of group.flags) {
      const option = new Option(
        `--${flag.name}${flag.value === undefined ? '' : ` <${flag.value}>`}`,
        helpOf(flag),
      ).helpGroup(`${group.title}:`);
      // Repeated flags add up; the default holds only while none is given, so it is not commander's to know.
      if (flag.repeatable)
        option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
      command.addOption(option);
      attributes.set(flag.name, option.attributeName());
      if (flag.value === undefined) command.addOption(new Option(`--no-${flag.name}`).hideHelp());
    }
  }
  return command.action(async (_options: unknown, self: Command) => {
    const given: Record<string, FlagValues[string]> = {};
    for (const [name, attribute] of attributes) {
      // A hidden --no-… would make every switch true by default: only what was written counts.
      if (self.getOptionValueSource(attribute) === 'cli') {
        given[name] = self.getOptionValue(attribute) as FlagValues[string];
      }
    }
    const { serve } = await import('./serve/serve.ts');
    await serve(serveOptions(given));
  });
}

function serveOptions(given: Readonly<Record<string, FlagValues[string]>>): ServeOptions {
  try {
    return parseServeOptions(given);
  } catch (error) {
    throw error instanceof FlagError ? new UsageError(error.message) : error;
  }
}

function helpOf(flag: { help: string; default?: string }): string {
  return flag.default === undefined || flag.default === '' ? flag.help : `${flag.help} (default: ${flag.default})`;
}
