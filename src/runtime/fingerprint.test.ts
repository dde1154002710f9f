import { describe, expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';
import { Secret } from './secret.ts';

describe('fingerprint', () => {
  it('sees every difference, however deep, in maps and in secrets', () => {
    const make = (password: string, port: number) => ({
      url: 'http://x',
      auth: { password: new Secret(password) },
      params: new Map([['a', [port]]]),
      none: undefined,
    });
    expect(fingerprint(make('p', 1))).toBe(fingerprint(make('p', 1)));
    expect(fingerprint(make('q', 1))).not.toBe(fingerprint(make('p', 1)));
    expect(fingerprint(make('p', 2))).not.toBe(fingerprint(make('p', 1)));
  });

  it('does not take one shape for another', () => {
    const values = [
      [],
      {},
      new Map(),
      '',
      0,
      null,
      undefined,
      ['a', 'b'],
      ['ab'],
      [['a'], 'b'],
      { a: 'b' },
      new Map([['a', 'b']]),
      new Set(['a']),
    ];
    expect(new Set(values.map(fingerprint)).size).toBe(values.length);
  });
});
