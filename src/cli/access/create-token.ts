import { hashToken, newToken } from '../../access/index.ts';
import { type Terminal, UsageError } from '../terminal.ts';

/**
 * Makes a token and prints it, with what the access file has to say of it.
 *
 * The token alone goes to standard output when that is all a script wants; what explains it goes to standard error.
 *
 * @param expiresMs Unix time, ms
 * @throws {UsageError} for a name that no binding could refer to
 */
export function createToken(name: string, expiresMs: number | undefined, terminal: Terminal): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}$/.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} cannot be a token's name: expected up to 100 letters, digits and . _ : @ / -, beginning with a letter or digit`,
    );
  }
  const token = newToken();
  terminal.err('The token, which is not shown a second time:\n');
  terminal.out(`${token}\n`);
  const lines = ['tokens:', `  - name: ${JSON.stringify(name)}`, `    sha256: ${hashToken(token)}`];
  if (expiresMs !== undefined) lines.push(`    expires: ${wholeSeconds(expiresMs)}`);
  lines.push('bindings:', `  - {token: ${JSON.stringify(name)}, role: viewer}`);
  terminal.err(`\nFor the access file, with the role it is to have:\n\n${lines.join('\n')}\n`);
}

function wholeSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
