import { identityKey } from '../access/index.ts';
import { encodeAnswer, QueryLimitError, type Asker, type QueryRequest, type QueryResult } from '../query/index.ts';
import { invalidParameter, jsonPieces, type Params, type Reply, type Route, type ScopedRequest } from '../web/index.ts';
import { ApiError } from '../web/index.ts';
import { queryFailure } from './failures.ts';
import { durationParam, limitParam, optionalTimeParam, parseDuration, timeParam } from './request-params.ts';
import { wholeNanoseconds } from './times.ts';
import type { ApiServices } from './services.ts';

/** Enough for 60 s over a week or 1 h over a year. */
const MAX_POINTS = 11_000;

/** query, query_range. */
export function queryRoutes(services: ApiServices): Route[] {
  return [
    {
      path: '/api/v1/query',
      methods: ['GET', 'POST'],
      effect: 'read',
      permission: 'query',
      summary: 'evaluate an expression at one instant',
      handler: (request) => {
        const { params } = request;
        const limit = limitParam(params);
        const t = optionalTimeParam(params, 'time', services.clock.now());
        return answer(
          services,
          request,
          { expr: params.get('query'), time: { kind: 'instant', t: Math.trunc(t) } },
          limit,
        );
      },
    },
    {
      path: '/api/v1/query_range',
      methods: ['GET', 'POST'],
      effect: 'read',
      permission: 'query',
      summary: 'evaluate an expression over a range of time',
      handler: (request) => {
        const { params } = request;
        const limit = limitParam(params);
        return answer(services, request, { expr: params.get('query'), time: rangeOf(params) }, limit);
      },
    },
  ];
}

function rangeOf(params: Params): Extract<QueryRequest['time'], { kind: 'range' }> {
  const startMs = timeParam(params, 'start');
  const endMs = timeParam(params, 'end');
  if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time');
  const step = durationParam(params, 'step');
  // Below a millisecond there is no step.
  if (step < 1) {
    throw invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if (Math.floor((endMs - startMs) / step) > MAX_POINTS) {
    throw new ApiError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return { kind: 'range', startMs, endMs, stepMs: Math.trunc(step) };
}

async function answer(
  { queries, storage }: ApiServices,
  request: ScopedRequest,
  query: QueryRequest,
  limit: number,
): Promise<Reply> {
  const { params, scope } = request;
  const timeoutMs = params.get('timeout') === '' ? undefined : durationParam(params, 'timeout');
  if (timeoutMs !== undefined && timeoutMs <= 0) throw invalidParameter('query', 'context deadline exceeded');
  const lookbackMs = lookbackOf(params);
  const stats = params.get('stats');
  let result: QueryResult;
  try {
    result = await queries.run(
      {
        ...query,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(lookbackMs > 0 ? { lookbackMs } : {}),
        perStepStats: stats === 'all',
      },
      askerOf(request, storage),
    );
  } catch (error) {
    throw queryFailure(error);
  }
  const extras = {
    warnings: [...result.warnings, ...statsWarning(stats)],
    infos: result.infos,
    ...(stats === '' ? {} : { stats: statsJson(result.stats) }),
  };
  return jsonPieces(await bounded(encodeAnswer(result, extras, limit), scope.limits.maxResultBytes));
}

/** Who asks, for the query service. */
export function askerOf(request: ScopedRequest, storage: ApiServices['storage']): Asker {
  const { identity, scope, signal } = request;
  return {
    owner: identityKey(identity),
    name: identity.name,
    limits: scope.limits,
    queryable: scope.view(storage),
    signal,
  };
}

function lookbackOf(params: Params): number {
  const text = params.get('lookback_delta');
  if (text === '') return 0;
  try {
    return Math.trunc(parseDuration(text));
  } catch (error) {
    throw new ApiError('bad_data', `error parsing lookback delta duration: ${(error as Error).message}`);
  }
}

function statsWarning(stats: string): string[] {
  if (stats === '' || stats === 'true' || stats === 'all') return [];
  return [
    `value ${JSON.stringify(stats)} for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`,
  ];
}

function statsJson({ timings, samples }: QueryResult['stats']): unknown {
  const { totalQueryableSamplesPerStep, samplesReadPerStep, ...totals } = samples;
  const perStep = (list: readonly (readonly [tsMs: number, count: number])[]) => list.map(([t, n]) => [t / 1000, n]);
  return {
    timings: Object.fromEntries(Object.entries(timings).map(([name, seconds]) => [name, wholeNanoseconds(seconds)])),
    samples: {
      ...(totalQueryableSamplesPerStep === undefined
        ? {}
        : { totalQueryableSamplesPerStep: perStep(totalQueryableSamplesPerStep) }),
      ...(samplesReadPerStep === undefined ? {} : { samplesReadPerStep: perStep(samplesReadPerStep) }),
      ...totals,
    },
  };
}

/** Larger answers are not held back to see whether they stay within the limit. */
const HELD_BACK_BYTES = 16 * 1024 * 1024;

/**
 * The pieces of an answer of at most `maxBytes`. A limit up to 16 MB is known to hold before the first piece is sent; a larger one
 * breaks the answer off.
 *
 * @throws {ApiError} when it does not hold
 */
async function bounded(pieces: Generator<Buffer>, maxBytes: number | undefined): Promise<Iterable<Buffer>> {
  if (maxBytes === undefined) return pieces;
  const counted = count(pieces, maxBytes);
  if (maxBytes > HELD_BACK_BYTES) return counted;
  const held: Buffer[] = [];
  for (const piece of counted) {
    held.push(piece);
    // Other requests get their turn.
    if (held.length % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return held;
}

function* count(pieces: Generator<Buffer>, maxBytes: number): Generator<Buffer> {
  let bytes = 0;
  for (const piece of pieces) {
    bytes += piece.length;
    if (bytes > maxBytes) {
      const error = new QueryLimitError('max_result_bytes', `the result has more than ${maxBytes} bytes`);
      throw queryFailure(error);
    }
    yield piece;
  }
}
