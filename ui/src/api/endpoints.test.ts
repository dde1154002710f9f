import { expect, it } from 'vitest';
import { createEndpoints, escapeLabelName } from './endpoints.ts';
import { Http } from './http.ts';

it.each([
  ['job', 'job'],
  ['k8s.pod', 'U__k8s_2e_pod'],
  ['a_b.c', 'U__a__b_2e_c'],
  ['温度', 'U___6e29__5ea6_'],
  ['a/b', 'U__a_2f_b'],
])('writes the label name %j into a path as %s', (name, escaped) => {
  expect(escapeLabelName(name)).toBe(escaped);
});

it('sends times as seconds', async () => {
  const urls: string[] = [];
  const http = new Http({
    base: 'http://y.example/',
    fetch: (url) => {
      urls.push(url as string);
      return Promise.resolve(new Response('{"status":"success","data":{"resultType":"matrix","result":[]}}'));
    },
  });
  await createEndpoints(http).queryRange('up', 1_700_000_000_500, 1_700_000_060_500, 250);
  expect(urls[0]).toContain('start=1700000000.5&end=1700000060.5&step=0.25');
});
