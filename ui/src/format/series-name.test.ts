import { expect, it } from 'vitest';
import { formatSeries, quote } from './series-name.ts';

it.each<[Record<string, string>, string]>([
  [{}, '{}'],
  [{ __name__: 'up' }, 'up'],
  [{ __name__: 'up', job: 'node', instance: 'a:9100' }, 'up{job="node", instance="a:9100"}'],
  [{ job: 'node' }, '{job="node"}'],
  [{ __name__: 'http.requests', path: '/' }, '{"http.requests", path="/"}'],
  [{ __name__: 'up', 'k8s.pod': 'x' }, 'up{"k8s.pod"="x"}'],
  [{ __name__: 'up', path: 'C:\\"x"\n' }, 'up{path="C:\\\\\\"x\\"\\n"}'],
])('prints %j as %s', (labels, text) => {
  expect(formatSeries(labels)).toBe(text);
});

it('quotes so that the text reads back', () => {
  const text = 'a\\b"c\nd';
  expect(JSON.parse(quote(text))).toBe(text);
});
