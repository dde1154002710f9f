import fc from 'fast-check';
import { expect, it } from 'vitest';
import { safeHref } from './safe-link.ts';

it.each([
  ['http://a.example:9100/metrics', 'http://a.example:9100/metrics'],
  [' https://a.example/x?y=1#z ', 'https://a.example/x?y=1#z'],
  ['HTTPS://A.example', 'https://a.example/'],
  ['mailto:on-call@corp.example', 'mailto:on-call@corp.example'],
])('lets %j through as %j', (text, href) => {
  expect(safeHref(text)).toBe(href);
});

it.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript://%0aalert(1)',
  'javascript:/*http://*/alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'blob:https://a.example/1',
  'file:///etc/passwd',
  'ftp://a.example',
  '//evil.example',
  '/relative',
  'http:evil.example',
  'https:',
  'http://',
  'http://[::1',
  'http://a.example/ b',
  'runbook: see http://a.example',
  '',
])('keeps %j as text', (text) => {
  expect(safeHref(text)).toBeUndefined();
});

it('never returns another scheme, whatever the text', () => {
  const piece = fc.constantFrom(
    'java',
    'script',
    ':',
    '//',
    'http',
    's',
    '\n',
    '\t',
    '\0',
    ' ',
    'data:',
    '@',
    '%0a',
    'a',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((p) => p.join('')),
      ),
      (text) => {
        const href = safeHref(text);
        if (href !== undefined) expect(href).toMatch(/^(https?:\/\/|mailto:)/);
      },
    ),
  );
});
