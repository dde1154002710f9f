/** `yagura access`: what the access file is made with. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../model/index.ts';
import { examples, exitCodes } from '../help.ts';
import { configured, type Terminal } from '../terminal.ts';

/** The `access` command with all below it. */
export function accessCommand(terminal: Terminal): Command {
  const access = configured(new Command('access'), terminal).description(
    'Hash passwords and make tokens for the access file.',
  );

  access
    .command('hash-password')
    .description(
      'Read a password, from the terminal without showing it or from standard input, and print its bcrypt hash.',
    )
    .addHelpText(
      'after',
      examples('yagura access hash-password', 'printf %s "$PASSWORD" | yagura access hash-password') +
        '\nThe hash goes below basic.users of the access file, or basic_auth_users of the web configuration.\n' +
        exitCodes({ 0: 'the hash was printed', 1: 'the password cannot be used, or was not repeated alike' }),
    )
    .action(async () => {
      const { hashPassword } = await import('./hash-password.ts');
      terminal.out(`${await hashPassword(terminal)}\n`);
    });

  const token = access.command('token').description('Make bearer tokens.');
  token
    .command('create')
    .description('Make a bearer token: prints it once, with the lines for the access file. Nothing is stored.')
    .argument('<name>', 'what the token is called in the access file and in the audit trail')
    .addOption(
      new Option('--expires <duration>', 'how long it is good for, such as 90d')
        .argParser(lifetime)
        .default(undefined, 'for ever'),
    )
    .addHelpText(
      'after',
      examples('yagura access token create grafana --expires 90d') + exitCodes({ 0: 'the token was printed' }),
    )
    .action(async (name: string, { expires }: { expires?: number }) => {
      const { createToken } = await import('./create-token.ts');
      createToken(name, expires === undefined ? undefined : Date.now() + expires, terminal);
    });
  return access;
}

/** ms */
function lifetime(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0 || ms > 1e14)
    throw new InvalidArgumentError('Expected a duration such as 90d or 12h.');
  return ms;
}
