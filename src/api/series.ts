import { unescapeValues } from '../model/exposition/index.ts';
import { compareLabels, compareText, type Labels, type Matcher } from '../model/index.ts';
import { encodeLabelSets, TRUNCATED } from '../query/index.ts';
import type { LabelNames, Querier } from '../storage/index.ts';
import { ApiError, jsonPieces, success, type Reply, type Route, type ScopedRequest } from '../web/index.ts';
import { reading } from './failures.ts';
import {
  badData,
  hintLimit,
  limitParam,
  MAX_TIME,
  MIN_TIME,
  optionalTimeParam,
  parameter,
  parseSelectors,
} from './request-params.ts';
import type { ApiServices } from './services.ts';

/** series, labels, label values: what there is. */
export function seriesRoutes(services: ApiServices): Route[] {
  return [
    {
      path: '/api/v1/series',
      methods: ['GET', 'POST'],
      effect: 'read',
      permission: 'query',
      summary: 'series that match selectors',
      handler: (request) => listSeries(services, request),
    },
    {
      path: '/api/v1/labels',
      methods: ['GET', 'POST'],
      effect: 'read',
      permission: 'query',
      summary: 'label names',
      handler: (request) =>
        listLabels(services, request, (querier, matchers, hints) => querier.labelNames(matchers, hints)),
    },
    {
      path: '/api/v1/label/:name/values',
      methods: ['GET'],
      effect: 'read',
      permission: 'query',
      summary: 'values of a label',
      handler: (request) => {
        const name = unescapeValues(request.pathParams.name!);
        if (name === '') throw new ApiError('bad_data', 'invalid label name: ""');
        return listLabels(services, request, (querier, matchers, hints) => querier.labelValues(name, matchers, hints));
      },
    },
  ];
}

async function listSeries({ storage, promql }: ApiServices, { params, scope }: ScopedRequest): Promise<Reply> {
  const texts = params.all('match[]');
  if (texts.length === 0) throw new ApiError('bad_data', 'no match[] parameter provided');
  const limit = limitParam(params);
  const mint = optionalTimeParam(params, 'start', MIN_TIME);
  const maxt = optionalTimeParam(params, 'end', MAX_TIME);
  const sets = parameter('match[]', () => parseSelectors(texts, promql));
  if (maxt < mint) return success([]);
  const querier = scope.view(storage).querier(mint, maxt);
  try {
    const hints = { mint, maxt, func: 'series', labelsOnly: true, limit: hintLimit(limit) };
    const found = new Map<string, Labels>();
    const warnings = new Set<string>();
    await reading(async () => {
      for (const matchers of sets) {
        const set = await querier.select(matchers, { sorted: true, hints });
        for (const { labels } of set.series) found.set(labels.key(), labels);
        for (const warning of set.warnings) warnings.add(warning);
      }
    });
    let series = [...found.values()];
    if (sets.length > 1) series.sort(compareLabels);
    if (limit > 0 && series.length > limit) {
      series = series.slice(0, limit);
      warnings.add(TRUNCATED);
    }
    return jsonPieces(encodeLabelSets(series, [...warnings]));
  } finally {
    querier.close();
  }
}

type Ask = (
  querier: Querier,
  matchers: readonly Matcher[],
  hints: { readonly limit: number },
) => Promise<LabelNames> | LabelNames;

async function listLabels(
  { storage, promql }: ApiServices,
  { params, scope }: ScopedRequest,
  ask: Ask,
): Promise<Reply> {
  const limit = limitParam(params);
  const mint = optionalTimeParam(params, 'start', MIN_TIME);
  const maxt = optionalTimeParam(params, 'end', MAX_TIME);
  const sets = badData(() => parseSelectors(params.all('match[]'), promql));
  if (maxt < mint) return success([]);
  const querier = scope.view(storage).querier(mint, maxt);
  try {
    const values = new Set<string>();
    const warnings = new Set<string>();
    await reading(async () => {
      for (const matchers of sets.length === 0 ? [[]] : sets) {
        const part = await ask(querier, matchers, { limit: hintLimit(limit) });
        for (const value of part.values) values.add(value);
        for (const warning of part.warnings) warnings.add(warning);
      }
    });
    let list = [...values];
    if (sets.length > 1) list.sort(compareText);
    if (limit > 0 && list.length > limit) {
      list = list.slice(0, limit);
      warnings.add(TRUNCATED);
    }
    return success(list, [...warnings]);
  } finally {
    querier.close();
  }
}
