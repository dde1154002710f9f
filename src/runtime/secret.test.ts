import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.ts';

describe('Secret', () => {
  const secret = new Secret('hunter2');

  it('gives its text only when asked to reveal it', () => {
    expect(secret.reveal()).toBe('hunter2');
  });

  it('prints as a placeholder in every form', () => {
    const forms = [
      String(secret),
      `${secret}`,
      'x' + String(secret),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: [secret] }, { showHidden: true, depth: 10 }),
      format('%s %o %O %j', secret, secret, secret, secret),
      JSON.stringify({ ...secret }),
      Object.values(secret).join(),
      Object.getOwnPropertyNames(secret).join(),
    ];
    for (const form of forms) expect(form).not.toContain('hunter2');
    expect(String(secret)).toBe('<secret>');
    expect(JSON.stringify(secret)).toBe('"<secret>"');
  });

  it('shows an empty secret as empty, so that a missing one can be told', () => {
    expect(String(new Secret(''))).toBe('');
    expect(new Secret('').isEmpty).toBe(true);
  });

  it('compares by text', () => {
    expect(secret.equals(new Secret('hunter2'))).toBe(true);
    expect(secret.equals(new Secret('hunter3'))).toBe(false);
    expect(secret.equals(new Secret('hunter22'))).toBe(false);
  });
});
