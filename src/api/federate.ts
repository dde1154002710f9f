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
import { negotiateText, writeFamilyHead, writeSample, type ExpositionFormat } from './exposition.ts';
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
        const format = negotiateText(request.header('accept'));
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
          const page = await reading(() => newestSamples(found.values(), mint, maxt));
          return { status: 200, contentType: format.contentType, body: writePage(page, externalLabels(), format) };
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

/** The last sample of each series; none of a series that has ended. In the order of metric names. */
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
  return newest.sort((a, b) => compareText(a.labels.metricName, b.labels.metricName));
}

/**
 * Series without a name cannot be exposed, nor can exponential histograms in text. Labels of the server are added where a series
 * lacks them; one without an instance gets an empty one, so that the scraper does not add its own.
 *
 * @see Prometheus `web/federate.go`
 */
function writePage(newest: readonly Newest[], externalLabels: Labels, format: ExpositionFormat): string {
  const added = externalLabels.has('instance') ? externalLabels.pairs : [...externalLabels.pairs, 'instance', ''];
  let page = '';
  let family = '';
  for (const { labels, t, v, histogram } of newest) {
    const name = labels.metricName;
    if (name === '' || (histogram !== undefined && !usesCustomBuckets(histogram))) continue;
    const type = histogram === undefined ? 'untyped' : 'histogram';
    if (family !== `${name} ${type}`) {
      page += writeFamilyHead(name, '', type, format);
      family = `${name} ${type}`;
    }
    const pairs = pairsOf(labels, added);
    page +=
      histogram === undefined
        ? writeSample(name, pairs, v, t, format)
        : writeHistogram(name, pairs, histogram, t, format);
  }
  return page;
}

function pairsOf(labels: Labels, added: readonly string[]): string[] {
  const pairs: string[] = [];
  for (const [name, value] of labels) if (name !== METRIC_NAME) pairs.push(name, value);
  const extra: [name: string, value: string][] = [];
  for (let i = 0; i < added.length; i += 2) if (!labels.has(added[i]!)) extra.push([added[i]!, added[i + 1]!]);
  extra.sort((a, b) => compareText(a[0], b[0]));
  return [...pairs, ...extra.flat()];
}

function writeHistogram(
  name: string,
  pairs: readonly string[],
  histogram: FloatHistogram,
  t: number,
  format: ExpositionFormat,
): string {
  const buckets = toClassicBuckets(histogram).map(({ le, count }) => {
    const bound = formatFloatGeneral(le);
    return writeSample(`${name}_bucket`, [...pairs, 'le', bound], count, t, format);
  });
  return [
    ...buckets,
    writeSample(`${name}_sum`, pairs, histogram.sum, t, format),
    writeSample(`${name}_count`, pairs, histogram.count, t, format),
  ].join('');
}
