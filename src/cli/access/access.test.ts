import bcrypt from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../../test/recording-terminal.ts';
import { hashToken } from '../../access/index.ts';
import { run } from '../index.ts';

async function access(args: readonly string[], input = '', typed?: readonly string[]) {
  const terminal = recordingTerminal(input, {}, typed);
  await run(['node', 'yagura', 'access', ...args], terminal);
  return terminal;
}

describe('hash-password', () => {
  it('hashes what stands on standard input, without its line feed, at cost 12', async () => {
    const { output, code } = await access(['hash-password'], 'pässword\n');
    expect(output).toMatch(/^\$2b\$12\$[./A-Za-z0-9]{53}\n$/);
    expect(await bcrypt.compare('pässword', output.trim())).toBe(true);
    expect(code).toBe(0);
  });

  it('asks twice at a terminal', async () => {
    const { output, errors } = await access(['hash-password'], '', ['secret', 'secret']);
    expect(errors).toBe('Password: Once more: ');
    expect(await bcrypt.compare('secret', output.trim())).toBe(true);
  });

  it.each([
    ['', undefined, 'the password is empty'],
    ['x'.repeat(73), undefined, 'the password has 73 bytes'],
    ['a\0b', undefined, 'NUL'],
    ['', ['a', 'b'], 'the two passwords are not the same'],
  ])('refuses what cannot be used', async (input, typed, message) => {
    const { output, errors, code } = await access(['hash-password'], input, typed);
    expect(errors).toContain(`error: ${message.startsWith('NUL') ? 'the password has a NUL' : message}`);
    expect(output).toBe('');
    expect(code).toBe(1);
  });

  it('takes no password as an argument', async () => {
    expect((await access(['hash-password', 'secret'])).code).toBe(2);
  });
});

describe('token create', () => {
  it('prints the token once and its hash for the access file', async () => {
    const before = Date.now();
    const { output, errors, code } = await access(['token', 'create', 'grafana', '--expires', '90d']);
    const token = output.trim();
    expect(token).toMatch(/^ygr_[0-9A-Za-z]{43}$/);
    expect(errors).not.toContain(token);
    expect(errors).toContain(`tokens:\n  - name: "grafana"\n    sha256: ${hashToken(token)}\n    expires: `);
    const expires = Date.parse(/expires: (\S+)/.exec(errors)?.[1] ?? '');
    expect(Math.abs(expires - before - 90 * 86_400_000)).toBeLessThan(60_000);
    expect(code).toBe(0);
  });

  it('without --expires is good for ever', async () => {
    expect((await access(['token', 'create', 'a'])).errors).not.toContain('expires');
  });

  it.each([
    [['token', 'create']],
    [['token', 'create', 'a b']],
    [['token', 'create', 'a', '--expires', 'soon']],
    [['token']],
    [['nothing']],
  ])('%j ends with a message and 2', async (args) => {
    const { output, errors, code } = await access(args);
    expect(output).toBe('');
    expect(errors).not.toBe('');
    expect(code).toBe(2);
  });
});
