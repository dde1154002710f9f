import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../model/index.ts';
import { type Terminal, UsageError } from '../terminal.ts';
import { examples, exitCodes } from '../help.ts';
import type { ApiClient } from './api-client.ts';

/** How to reach a server. */
export interface CredentialFlags {
  readonly 'http.config.file'?: string;
  readonly tokenFile?: string;
  readonly header: ReadonlyMap<string, string>;
}

interface ConnectionFlags extends CredentialFlags {
  readonly format: 'promql' | 'json';
}

interface RangeFlags extends ConnectionFlags {
  readonly start?: number;
  readonly end?: number;
}

const codes = exitCodes({ 0: 'the answer was printed', 1: 'the server could not be asked, or refused the query' });

/** What a time that is not given stands for where all times are meant: before and after everything. */
const AGES_SECONDS = 9999 * 3600;

/** Adds `query` and the commands below it. */
export function addQueryCommands(parent: Command, terminal: Terminal): void {
  const query = parent.command('query').description('Ask a Prometheus or Yagura server.');
  const print = async (server: string, flags: ConnectionFlags, path: string, form: Form, kind: Printed) => {
    const client = await connect(server, flags, terminal);
    try {
      const { data, warnings } = await client.ask(path, form);
      for (const warning of warnings) terminal.err(`warning: ${warning}\n`);
      const { printLines } = await import('./query-output.ts');
      const shown = kind === 'value' ? (data as { result: unknown }).result : data;
      terminal.out(flags.format === 'json' ? `${JSON.stringify(shown)}\n` : `${printLines(kind, data)}\n`);
    } finally {
      await client.close();
    }
  };

  withConnection(query.command('instant'))
    .description('Run an instant query.')
    .argument('<server>', 'address of the server, such as http://localhost:9090')
    .argument('<expr>', 'a PromQL expression')
    .addOption(new Option('--time <time>', 'when; RFC 3339 or Unix seconds').argParser(time).default(undefined, 'now'))
    .addHelpText(
      'after',
      examples(
        "yagura tool query instant http://localhost:9090 'sum(up)'",
        "YAGURA_TOKEN=ygr_… yagura tool query instant --time 2026-01-01T00:00:00Z https://yagura.example 'up == 0'",
      ) + codes,
    )
    .action(async (server: string, expr: string, flags: ConnectionFlags & { time?: number }) => {
      await print(
        server,
        flags,
        'query',
        [
          ['query', expr],
          ['time', String(flags.time ?? nowSeconds())],
        ],
        'value',
      );
    });

  withConnection(query.command('range'))
    .description('Run a range query.')
    .argument('<server>', 'address of the server')
    .argument('<expr>', 'a PromQL expression')
    .addOption(
      new Option('--start <time>', 'RFC 3339 or Unix seconds')
        .argParser(time)
        .default(undefined, 'five minutes before the end'),
    )
    .addOption(new Option('--end <time>', 'RFC 3339 or Unix seconds').argParser(time).default(undefined, 'now'))
    .addOption(
      new Option('--step <duration>', 'between two results').argParser(step).default(undefined, 'a 250th of the range'),
    )
    .addHelpText(
      'after',
      examples("yagura tool query range --start 1767225600 --step 1m http://localhost:9090 'rate(up[5m])'") + codes,
    )
    .action(async (server: string, expr: string, flags: RangeFlags & { step?: number }) => {
      const end = flags.end ?? nowSeconds();
      const start = flags.start ?? end - 300;
      if (!(start < end)) throw new UsageError('start time is not before end time');
      const stepSeconds = flags.step ?? Math.max(Math.floor((end - start) / 250), 1);
      const form: Form = [
        ['query', expr],
        ['start', String(start)],
        ['end', String(end)],
        ['step', String(stepSeconds)],
      ];
      await print(server, flags, 'query_range', form, 'value');
    });

  withTimes(withConnection(query.command('series')))
    .description('List series.')
    .argument('<server>', 'address of the server')
    .requiredOption('--match <selector>', 'a series selector; may be given several times', several)
    .addHelpText('after', examples('yagura tool query series --match \'up{job="a"}\' http://localhost:9090') + codes)
    .action(async (server: string, flags: RangeFlags & { match: readonly string[] }) => {
      await print(server, flags, 'series', [...times(flags), ...matches(flags.match)], 'series');
    });

  withTimes(withConnection(query.command('labels')))
    .description('List the values of a label.')
    .argument('<server>', 'address of the server')
    .argument('<name>', 'name of the label')
    .option('--match <selector>', 'a series selector; may be given several times', several, [])
    .addHelpText('after', examples('yagura tool query labels http://localhost:9090 job') + codes)
    .action(async (server: string, name: string, flags: RangeFlags & { match: readonly string[] }) => {
      const path = `label/${encodeURIComponent(name)}/values?`;
      await print(server, flags, path, [...times(flags), ...matches(flags.match)], 'values');
    });
}

/** What an answer holds, which decides how it is printed. */
export type Printed = 'value' | 'series' | 'values';

/** Parameters in order; names may repeat. */
export type Form = readonly (readonly [name: string, value: string])[];

function withConnection(command: Command): Command {
  return withCredentials(command).addOption(
    new Option('-o, --format <format>', 'of the output').choices(['promql', 'json']).default('promql'),
  );
}

/** Adds the flags that say how to reach a server. */
export function withCredentials(command: Command): Command {
  return command
    .option('--http.config.file <file>', 'how to connect: a file with a http_config (TLS, proxy, credentials)')
    .option(
      '--token-file <file>',
      'a file with a bearer token; without it, the environment variable YAGURA_TOKEN is used',
    )
    .option('--header <name=value>', 'a header to send; may be given several times', header, new Map());
}

/** The client for a server, with the credentials of the flags. @throws {UsageError} */
export async function connect(server: string, flags: CredentialFlags, terminal: Terminal): Promise<ApiClient> {
  const { ApiClient } = await import('./api-client.ts');
  return ApiClient.connect(server, {
    configFile: flags['http.config.file'],
    tokenFile: flags.tokenFile,
    headers: flags.header,
    env: terminal.env,
  });
}

function withTimes(command: Command): Command {
  return command
    .addOption(new Option('--start <time>', 'RFC 3339 or Unix seconds').argParser(time))
    .addOption(new Option('--end <time>', 'RFC 3339 or Unix seconds').argParser(time));
}

function times({ start, end }: RangeFlags): Form {
  const now = nowSeconds();
  return [
    ['start', String(start ?? now - AGES_SECONDS)],
    ['end', String(end ?? now + AGES_SECONDS)],
  ];
}

function matches(selectors: readonly string[]): Form {
  return selectors.map((selector) => ['match[]', selector] as const);
}

function nowSeconds(): number {
  return Date.now() / 1000;
}

function several(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function header(value: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value.');
  return new Map([...before, [value.slice(0, at).toLowerCase(), value.slice(at + 1)]]);
}

/** Seconds since 1970. */
function time(text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/.test(text);
  const ms = isRfc3339 ? Date.parse(text) : NaN;
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('Expected a time such as 2026-01-01T00:00:00Z, or Unix seconds.');
  return ms / 1000;
}

/** Seconds. */
function step(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Expected a duration such as 30s.');
  return ms / 1000;
}
