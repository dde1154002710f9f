import { expect, it } from 'vitest';
import { buildCatalogue, metadataOf, searchCatalogue } from './catalogue.ts';

const metadata = {
  http_requests: [{ type: 'counter', help: 'Requests served.', unit: '' }],
  latency_seconds: [{ type: 'histogram', help: 'Time to answer.', unit: 'seconds' }],
  up_total_info: [{ type: 'gauge', help: 'Itself.', unit: '' }],
};

it('describes the members of a family as the family', () => {
  expect(metadataOf(metadata, 'http_requests_total')?.type).toBe('counter');
  expect(metadataOf(metadata, 'latency_seconds_bucket')?.type).toBe('histogram');
  expect(metadataOf(metadata, 'up_total_info')?.help).toBe('Itself.');
  expect(metadataOf(metadata, 'other')).toBeUndefined();
});

it('is not fooled by names that every object has', () => {
  expect(metadataOf({}, 'constructor')).toBeUndefined();
  expect(metadataOf({}, '__proto__')).toBeUndefined();
});

it('finds every word in name or help, names first', () => {
  const names = ['z_latency', 'latency_seconds_sum', 'up', 'http_requests_total'];
  const catalogue = buildCatalogue(names, metadata);
  const found = (search: string) => searchCatalogue(catalogue, search).map((m) => m.name);
  expect(found('')).toEqual(['http_requests_total', 'latency_seconds_sum', 'up', 'z_latency']);
  expect(found('latency')).toEqual(['latency_seconds_sum', 'z_latency']);
  expect(found('REQUESTS http')).toEqual(['http_requests_total']);
  expect(found('answer time')).toEqual(['latency_seconds_sum']);
  expect(found('nothing')).toEqual([]);
});
