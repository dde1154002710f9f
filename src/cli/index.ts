import { Command, CommanderError, Option } from 'commander';
import { flagGroups } from './serve/flags.ts';
import { FlagError, parseServeOptions, type FlagValues } from './serve/options.ts';
import { VERSION } from './version.ts';

/** A mistake on the command line, as Prometheus ends for one. */
const EXIT_USAGE = 2;

/** Runs the program named on the command line and sets the exit code; never rejects for a mistake of the caller's. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('yagura')
    .description('A Prometheus-compatible monitoring system with the security model built in.')
    .version(`yagura ${VERSION}`, '-V, --version')
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  program.addCommand(serveCommand());
  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    } else if (error instanceof FlagError) {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = EXIT_USAGE;
    } else {
      throw error;
    }
  }
}

function serveCommand(): Command {
  const command = new Command('serve')
    .description('Scrape, store, answer queries, evaluate rules and show it all; takes the flags of prometheus.')
    .allowExcessArguments(false)
    .showHelpAfterError('(add --help for the list)')
    .exitOverride();
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
    await serve(parseServeOptions(given));
  });
}

function helpOf(flag: { help: string; default?: string }): string {
  return flag.default === undefined || flag.default === '' ? flag.help : `${flag.help} (default: ${flag.default})`;
}
