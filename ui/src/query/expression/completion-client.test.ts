import { EqlRegex, EqlSingle, NeqRegex } from '@prometheus-io/lezer-promql';
import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { createEndpoints, Http } from '../../api/index.ts';
import { completionClient, selectorOf } from './completion-client.ts';

it.each([
  [undefined, [], undefined],
  ['up', [], 'up'],
  ['http.requests', [], '{"http.requests"}'],
  ['up', [{ type: EqlSingle, name: 'job', value: 'a"b' }], 'up{job="a\\"b"}'],
  ['up', [{ type: EqlSingle, name: 'job', value: '' }], 'up'],
  ['', [{ type: EqlRegex, name: 'job', value: 'a.*' }], '{job=~"a.*"}'],
  ['up', [{ type: NeqRegex, name: 'k8s.pod', value: 'x' }], 'up{"k8s.pod"!~"x"}'],
])('narrows by %j and %j with %j', (metric, matchers, selector) => {
  expect(selectorOf(metric, matchers)).toBe(selector);
});

it('asks once for the same names, and offers nothing where the server refuses', async () => {
  let calls = 0;
  const http = new Http({
    base: 'http://y.example/',
    fetch: () => {
      calls++;
      const ok = calls === 1;
      return Promise.resolve(
        new Response(ok ? '{"status":"success","data":["up"]}' : 'no', { status: ok ? 200 : 503 }),
      );
    },
  });
  const client = completionClient(createEndpoints(http), new QueryClient());
  expect(await client.metricNames()).toEqual(['up']);
  expect(await client.metricNames()).toEqual(['up']);
  expect(calls).toBe(1);
  expect(await client.labelNames('up')).toEqual([]);
});
