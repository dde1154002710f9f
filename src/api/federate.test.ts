import { describe, expect, it } from 'vitest';
import { bearer, NOW, startApi, tokens } from '../../test/api-server.ts';
import { MemoryStore } from '../../test/memory-store.ts';
import { floatHistogram, Labels, type FloatHistogram } from '../model/index.ts';
import type { Queryable, Series } from '../storage/index.ts';

describe('federate', () => {
  async function federate(storage: Queryable, url = '/federate?match[]={__name__=~".%2B"}') {
    const api = await startApi({ services: { storage } });
    const response = await api.server.inject({ url, headers: bearer(tokens.admin) });
    await api.close();
    return [response.statusCode, response.body];
  }
  const series = (labels: Record<string, string>, samples: [t: number, v: number][]) => ({
    labels: Labels.from(labels),
    samples,
  });

  it('gives the newest samples, in the order of names, with the labels of the server', async () => {
    const storage = new MemoryStore([
      series({ __name__: 'b', instance: 'i' }, [
        [NOW - 1000, 1],
        [NOW - 500, 2],
      ]),
      series({ __name__: 'a', zone: 'z' }, [[NOW, 3]]),
      series({ __name__: 'a', region: 'own', instance: 'j' }, [[NOW, 4]]),
      series({ __name__: 'old' }, [[NOW - 301_000, 5]]),
      series({ job: 'nameless' }, [[NOW, 6]]),
    ]);
    expect(await federate(storage)).toEqual([
      200,
      `# TYPE a untyped\na{instance="j",region="own"} 4 ${NOW}\na{zone="z",instance="",region="eu"} 3 ${NOW}\n` +
        `# TYPE b untyped\nb{instance="i",region="eu"} 2 ${NOW - 500}\n`,
    ]);
  });

  it('gives nothing without a selector, and says what is wrong with one', async () => {
    expect(await federate(new MemoryStore([]), '/federate')).toEqual([200, '']);
    expect(await federate(new MemoryStore([]), '/federate?match[]={')).toEqual([
      400,
      '1:2: parse error: unexpected end of input inside braces\n',
    ]);
  });

  it('leaves out what has ended and what text cannot carry', async () => {
    const one = (name: string, push: Series['read']): Series => ({
      labels: Labels.from({ __name__: name }),
      read: push,
    });
    const custom: FloatHistogram = floatHistogram({
      schema: -53,
      count: 6,
      sum: 7.5,
      customValues: new Float64Array([0.5, 1e6]),
      positiveSpans: [{ offset: 0, length: 3 }],
      positiveBuckets: new Float64Array([1, 2, 3]),
    });
    const list = [
      one('ended', (column) => {
        column.pushFloat(NOW - 2, 1);
        column.pushStale(NOW - 1);
      }),
      one('exponential', (column) => {
        column.pushHistogram(NOW, floatHistogram({ schema: 1, count: 1, sum: 1 }));
      }),
      one('custom', (column) => {
        column.pushHistogram(NOW, custom);
      }),
    ];
    const empty = new MemoryStore([]);
    const storage: Queryable = {
      querier: (mint, maxt) => ({ ...empty.querier(mint, maxt), select: () => ({ series: list, warnings: [] }) }),
    };
    const labels = 'instance="",region="eu"';
    expect(await federate(storage)).toEqual([
      200,
      '# TYPE custom_bucket untyped\n' +
        `custom_bucket{${labels},le="0.5"} 1 ${NOW}\ncustom_bucket{${labels},le="1e+06"} 3 ${NOW}\ncustom_bucket{${labels},le="+Inf"} 6 ${NOW}\n` +
        `# TYPE custom_count untyped\ncustom_count{${labels}} 6 ${NOW}\n` +
        `# TYPE custom_sum untyped\ncustom_sum{${labels}} 7.5 ${NOW}\n`,
    ]);
  });
});
