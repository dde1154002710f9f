import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../model/index.ts';
import { CommandFailure, type Terminal } from '../terminal.ts';
import { examples, exitCodes } from '../help.ts';
import { configLints, metricLints, parseLints, ruleLints } from './lints.ts';
import { connect, type CredentialFlags, withCredentials } from './query.ts';

interface RuleFlags {
  readonly lint: string;
  readonly lintFatal: boolean;
  readonly ignoreUnknownFields: boolean;
  readonly enableFeature: readonly string[];
}

interface ConfigFlags extends RuleFlags {
  readonly syntaxOnly: boolean;
  readonly agent: boolean;
  readonly 'query.lookbackDelta': number;
}

const STATE_TIMEOUT_MS = 10_000;

/** Adds `check` and the commands below it. */
export function addCheckCommands(parent: Command, terminal: Terminal): void {
  const check = parent.command('check').description('Check files and metrics for validity.');

  withRuleFlags(check.command('config'), configLints)
    .description('Check configuration files and everything they refer to: rule files, target files, certificates.')
    .argument('<file...>', 'configuration files')
    .option('--syntax-only', 'leave the files a configuration refers to alone', false)
    .option('--agent', 'check for agent mode', false)
    .addOption(
      new Option('--query.lookback-delta <duration>', 'what too-long-scrape-interval compares with')
        .argParser(duration)
        .default(300_000, '5m'),
    )
    .addHelpText(
      'after',
      examples(
        'yagura tool check config prometheus.yml',
        'yagura tool check config --lint=all --lint-fatal prometheus.yml',
        'yagura tool check config --syntax-only --agent agent.yml',
      ) +
        exitCodes({ 0: 'all files are valid', 1: 'a file is not valid', 3: 'a lint failed and --lint-fatal is given' }),
    )
    .action(async (files: string[], flags: ConfigFlags) => {
      const { checkConfigs } = await import('./check-config.ts');
      const lints = parseLints(flags.lint, configLints, terminal);
      const code = await checkConfigs(files, terminal, {
        lints,
        isLintFatal: flags.lintFatal,
        ignoreUnknownFields: flags.ignoreUnknownFields,
        features: flags.enableFeature,
        syntaxOnly: flags.syntaxOnly,
        agent: flags.agent,
        lookbackDeltaMs: flags['query.lookbackDelta'],
      });
      terminal.exit(code);
    });

  withRuleFlags(check.command('rules'), ruleLints)
    .description('Check rule files.')
    .argument('[file...]', 'rule files; none: standard input')
    .addHelpText(
      'after',
      examples('yagura tool check rules rules/*.yml', 'yagura tool check rules --lint=none < rules.yml') +
        exitCodes({ 0: 'all files are valid', 1: 'a file is not valid', 3: 'a lint failed and --lint-fatal is given' }),
    )
    .action(async (files: string[], flags: RuleFlags) => {
      const { checkRuleFiles, checkRuleInput, exitCodeOf } = await import('./check-rules.ts');
      const options = {
        lints: parseLints(flags.lint, ruleLints, terminal),
        isLintFatal: flags.lintFatal,
        ignoreUnknownFields: flags.ignoreUnknownFields,
        features: flags.enableFeature,
      };
      const verdict =
        files.length === 0 ? await checkRuleInput(terminal, options) : await checkRuleFiles(files, terminal, options);
      terminal.exit(exitCodeOf(verdict, options.isLintFatal));
    });

  check
    .command('web-config')
    .description('Check web configuration files, with the certificates and keys they name.')
    .argument('<file...>', 'web configuration files')
    .addHelpText(
      'after',
      examples('yagura tool check web-config web.yml') +
        exitCodes({ 0: 'all files are valid', 1: 'a file is not valid' }),
    )
    .action(async (files: string[]) => {
      const { checkWebConfigs } = await import('./check-web-config.ts');
      terminal.exit(await checkWebConfigs(files, terminal));
    });

  addStateCommand(check, 'healthy', 'healthy', terminal);
  addStateCommand(check, 'ready', 'ready to answer', terminal);

  check
    .command('metrics')
    .description('Read a page of metrics from standard input, strictly, and lint its names, types and units.')
    .addOption(
      new Option('--format <format>', 'of the page; auto: openmetrics where it ends with # EOF')
        .choices(['auto', 'text', 'openmetrics'])
        .default('auto'),
    )
    .option('--lint <lints>', 'all or none', 'all')
    .option('--extended', 'print how many series each family has', false)
    .addHelpText(
      'after',
      examples(
        'curl -s http://localhost:9100/metrics | yagura tool check metrics',
        'yagura tool check metrics --extended < page.prom',
        'yagura tool check metrics --format=openmetrics --lint=none < page.txt',
      ) +
        exitCodes({
          0: 'nothing is wrong',
          1: 'the page breaks the format',
          3: 'the page is valid and has lint problems',
        }),
    )
    .action(async (flags: { format: 'auto' | 'text' | 'openmetrics'; lint: string; extended: boolean }) => {
      const { checkMetrics } = await import('./check-metrics.ts');
      const lints = parseLints(flags.lint, metricLints, terminal);
      const format = flags.format === 'auto' ? undefined : flags.format;
      terminal.exit(await checkMetrics(terminal, { format, lint: lints.has('all'), extended: flags.extended }));
    });
}

/** Adds a command that looks at one of a server's state pages. */
function addStateCommand(check: Command, name: string, means: string, terminal: Terminal): void {
  withCredentials(check.command(name))
    .description(`Check whether a server is ${means}.`)
    .option('--url <url>', 'address of the server', 'http://localhost:9090')
    .addHelpText(
      'after',
      examples(`yagura tool check ${name} --url http://localhost:9090`) +
        exitCodes({ 0: `the server is ${means}`, 1: 'it is not, or cannot be reached' }),
    )
    .action(async (flags: CredentialFlags & { url: string }) => {
      const client = await connect(flags.url, flags, terminal);
      try {
        const { status, text } = await client.look(`/-/${name}`, STATE_TIMEOUT_MS);
        if (status !== 200) throw new CommandFailure(`check failed: URL=${flags.url}, status=${status}`);
        terminal.err(`  SUCCESS:  ${text.trimEnd()}\n`);
      } finally {
        await client.close();
      }
    });
}

function withRuleFlags(command: Command, lints: readonly string[]): Command {
  return command
    .option(
      '--lint <lints>',
      `what to look for besides errors, comma-separated: ${lints.join(', ')}`,
      'duplicate-rules',
    )
    .option('--lint-fatal', 'end with exit code 3 when a lint fails', false)
    .option('--ignore-unknown-fields', 'take fields in rule groups that are not known', false)
    .addOption(
      new Option('--enable-feature <names>', 'features of PromQL, comma-separated')
        .argParser((value: string, before: string[]) => [...before, ...value.split(',')])
        .default([], 'none'),
    );
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 5m or 1h30m.');
  return ms;
}
