import { negotiateFormat, writeFederated, type FederatedSample } from '../model/exposition/index.ts';
import {
  compareText,
  formatFloatGeneral,
  METRIC_NAME,
  SampleColumn,
  toClassicBuckets,
  usesCustomBuckets,
  type FloatHistogram,
  type Labels,
} from '../model/index.ts';
import type { Series } from '../storage/index.ts';
import type { Route } from '../web/index.ts';
import { reading } from './failures.ts';
import { badData, parseSelector } from './request-params.ts';
import type { ApiServices } from './services.ts';

/** /federate: the newest samples of selected series, as a page to scrape. */
export function federateRoutes({ storage, promql, clock, lookbackMs, externalLabels }: ApiServices): Route[] {
  return [
    {
      path: '/federate',
      methods: ['GET'],
      effect: 'read',
      permission: 'query',
      summary: 'the newest samples of selected series, to be scraped',
      handler: async (request) => {
        const { params, scope } = request;
        const sets = badData(() => params.all('match[]').map((text) => parseSelector(text, promql)));
        const { escaping, contentType } = negotiateFormat(request.header('accept') ?? '', false);
        const maxt = clock.now();
        const mint = maxt - lookbackMs;
        const querier = scope.view(storage).querier(mint, maxt);
        try {
          const found = new Map<string, Series>();
          await reading(async () => {
            for (const matchers of sets) {
              const set = await querier.select(matchers, { sorted: true, hints: { mint, maxt } });
              for (const series of set.series) found.set(series.labels.key(), series);
            }
          });
          const newest = await reading(() => newestSamples(found.values(), mint, maxt));
          const samples = federatedSamples(newest, externalLabels());
          return { status: 200, contentType, body: writeFederated(samples, escaping) };
        } finally {
          querier.close();
        }
      },
    },
  ];
}

interface Newest {
  readonly labels: Labels;
  readonly t: number;
  readonly v: number;
  readonly histogram: FloatHistogram | undefined;
}

/** The last sample of each series; none of a series that has ended. */
function newestSamples(series: Iterable<Series>, mint: number, maxt: number): Newest[] {
  const column = new SampleColumn();
  const newest: Newest[] = [];
  for (const one of series) {
    column.reset();
    one.read(column, mint, maxt);
    const last = column.length - 1;
    if (last < 0 || column.stale[last] === 1) continue;
    newest.push({ labels: one.labels, t: column.t[last]!, v: column.v[last]!, histogram: column.histograms?.[last] });
  }
  return newest;
}

/**
 * Samples by name. Series without a name cannot be exposed, nor can exponential histograms in text; those with custom buckets become
 * classic ones. Labels of the server are added where a series lacks them; one without an instance gets an empty one, so that the
 * scraper does not add its own.
 *
 * @see Prometheus `web/federate.go`
 */
function federatedSamples(newest: readonly Newest[], externalLabels: Labels): FederatedSample[] {
  const added = externalLabels.has('instance') ? externalLabels.pairs : [...externalLabels.pairs, 'instance', ''];
  const samples: FederatedSample[] = [];
  for (const { labels, t, v, histogram } of newest) {
    const name = labels.metricName;
    if (name === '' || (histogram !== undefined && !usesCustomBuckets(histogram))) continue;
    const pairs = pairsOf(labels, added);
    if (histogram === undefined) samples.push({ name, labels: pairs, value: v, t });
    else samples.push(...classicSamples(name, pairs, histogram, t));
  }
  // Stable: within a name the order of series, and of buckets, stays.
  return samples.sort((a, b) => compareText(a.name, b.name));
}

function pairsOf(labels: Labels, added: readonly string[]): string[] {
  const pairs: string[] = [];
  for (const [name, value] of labels) if (name !== METRIC_NAME) pairs.push(name, value);
  const extra: [name: string, value: string][] = [];
  for (let i = 0; i < added.length; i += 2) if (!labels.has(added[i]!)) extra.push([added[i]!, added[i + 1]!]);
  extra.sort((a, b) => compareText(a[0], b[0]));
  return [...pairs, ...extra.flat()];
}

function classicSamples(
  name: string,
  labels: readonly string[],
  histogram: FloatHistogram,
  t: number,
): FederatedSample[] {
  const buckets = toClassicBuckets(histogram).map(({ le, count }) => ({
    name: `${name}_bucket`,
    labels: [...labels, 'le', formatFloatGeneral(le)],
    value: count,
    t,
  }));
  return [
    ...buckets,
    { name: `${name}_count`, labels, value: histogram.count, t },
    { name: `${name}_sum`, labels, value: histogram.sum, t },
  ];
}
