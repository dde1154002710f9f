import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, startApi, tokens, type ApiServer } from '../../test/api-server.ts';
import { parseDuration, parseTime } from './request-params.ts';
import { apiRoutes } from './routes.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const names = [
  'query',
  'start',
  'end',
  'time',
  'step',
  'limit',
  'match[]',
  'timeout',
  'lookback_delta',
  'stats',
  'type',
  'group_limit',
  'state',
  'metric',
  'match_target',
  'skip_head',
  '__proto__',
  '',
];
const pieces = [
  'up',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '5m',
  '1e400',
  '-1',
  'NaN',
  'Inf',
  '0x1p5',
  '2026-11-21T08:36:07Z',
  '9999-99-99T99:99:99Z',
  '=~"',
  '"',
  '\\',
  'é',
  '\u0000',
  '\ud800',
  '@',
  'offset',
  '+',
  ' ',
  '%',
  '&',
  '99999999999999999999',
  'true',
  'alert',
  '{__name__=~"(a+)+$"}',
];
const value = fc.oneof(
  fc.constantFrom(...pieces),
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const form = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 });

describe('any parameters', () => {
  it('are answered or refused, never a failure of ours', async () => {
    const paths = apiRoutes(api.services)
      .filter(({ effect }) => effect === 'read')
      .map(({ path }) => path.replace(':name', 'job'));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...new Set(paths)), form, fc.boolean(), async (path, pairs, isRaw) => {
        const query = isRaw
          ? pairs.map(([n, v]) => `${n}=${encodeURI(Buffer.from(v).toString())}`).join('&')
          : new URLSearchParams(pairs).toString();
        const response = await api.server.inject({ url: `${path}?${query}`, headers: bearer(tokens.admin) });
        expect([200, 204, 400, 422]).toContain(response.statusCode);
      }),
      { numRuns: 500 },
    );
  });

  it('are the same in a form', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('query', 'query_range', 'series', 'labels', 'format_query'),
        form,
        async (path, pairs) => {
          const payload = new URLSearchParams(pairs).toString();
          const headers = bearer(tokens.admin);
          const type = { 'content-type': 'application/x-www-form-urlencoded' };
          const [got, posted] = await Promise.all([
            api.server.inject({ url: `/api/v1/${path}?${payload}`, headers }),
            api.server.inject({ method: 'POST', url: `/api/v1/${path}`, headers: { ...headers, ...type }, payload }),
          ]);
          expect([posted.statusCode, posted.body]).toEqual([got.statusCode, got.body]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('times and durations', () => {
  it('are whole milliseconds or refused', () => {
    fc.assert(
      fc.property(fc.oneof(value, fc.double().map(String)), (text) => {
        try {
          expect(Number.isSafeInteger(parseTime(text))).toBe(true);
        } catch (error) {
          expect((error as Error).message).toMatch(/^cannot parse ".*" to a valid timestamp$/s);
        }
        try {
          expect(Number.isFinite(parseDuration(text))).toBe(true);
        } catch (error) {
          expect((error as Error).message).toMatch(/^cannot parse ".*" to a valid duration(\. It overflows int64)?$/s);
        }
      }),
    );
  });

  it('read back what JavaScript writes', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') }),
        (date) => {
          expect(parseTime(date.toISOString())).toBe(date.getTime());
          expect(parseTime(String(date.getTime() / 1000))).toBe(date.getTime());
        },
      ),
    );
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00+25:00',
    '1_000',
    'NaN',
  ])('are not %s', (text) => {
    expect(() => parseTime(text)).toThrow('to a valid timestamp');
  });
});
