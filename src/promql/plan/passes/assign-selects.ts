import type { StepGrid } from '../../column.ts';
import { gridEnd } from '../../column.ts';
import {
  invariantGrid,
  mapChildren,
  subqueryGrid,
  type MatrixNode,
  type PlanContext,
  type PlanNode,
  type SelectSpec,
  type VectorNode,
} from '../node.ts';

export interface AssignedSelects {
  readonly root: PlanNode;
  readonly selects: readonly SelectSpec[];
}

/**
 * Turns selectors into requests to the storage, each with the time it may look at, and lets selectors of the same series share one.
 *
 * Selectors share when their matchers are the same and the time they cover together is not much longer than what the longer one
 * covers alone: `rate(x[5m]) / rate(x[10m])` reads once, `x - x offset 1w` must not read a week twice.
 */
export function assignSelects(root: PlanNode, grid: StepGrid, context: PlanContext): AssignedSelects {
  const requests: Request[] = [];
  collect(root, grid);

  const selects: MutableSelect[] = [];
  const indexOf = new Map<string, number>();
  for (const request of requests) indexOf.set(request.key, place(request, selects));
  return { root: rewrite(root, grid), selects };

  function collect(node: PlanNode, on: StepGrid): void {
    if (node.kind === 'vector' || node.kind === 'matrix') {
      if (on.steps > 0) requests.push(requestOf(node, on, context));
      return;
    }
    mapChildren(node, (child) => {
      collect(child, gridBelow(node, on));
      return child;
    });
  }

  function rewrite(node: PlanNode, on: StepGrid): PlanNode {
    if (node.kind === 'vector' || node.kind === 'matrix') {
      if (on.steps === 0) return node;
      return { ...node, select: indexOf.get(requestOf(node, on, context).key)! };
    }
    return mapChildren(node, (child) => rewrite(child, gridBelow(node, on)));
  }
}

function gridBelow(node: PlanNode, on: StepGrid): StepGrid {
  if (node.kind === 'subquery') return subqueryGrid(node, on);
  if (node.kind === 'invariant') return invariantGrid(on);
  return on;
}

type MutableSelect = { -readonly [K in keyof SelectSpec]: SelectSpec[K] };

interface Request {
  readonly spec: SelectSpec;
  /** Same for requests that are the same in every respect. */
  readonly key: string;
  /** Same for requests that may be merged. */
  readonly series: string;
}

function requestOf(node: VectorNode | MatrixNode, grid: StepGrid, context: PlanContext): Request {
  const { lookbackMs } = context;
  const first = (node.atMs ?? grid.startMs) - node.offsetMs;
  const last = (node.atMs ?? gridEnd(grid)) - node.offsetMs;
  const rangeMs = node.kind === 'matrix' ? node.rangeMs : 0;
  const extension = node.kind === 'matrix' ? node.extension : node.smoothed ? 'smoothed' : undefined;
  // Windows are left-open, hence the millisecond.
  const before = node.kind === 'vector' ? lookbackMs : rangeMs + (extension === undefined ? 0 : lookbackMs);
  const mint = first - before + 1;
  const maxt = last + (extension === 'smoothed' ? lookbackMs : 0);
  const stepMs = grid.steps === 1 && context.stepMs === 0 ? 0 : grid.stepMs;
  const { matchers, hints, withoutBuckets } = node;
  const spec: SelectSpec = { matchers, mint, maxt, stepMs, rangeMs, withoutBuckets, hints };
  const series = seriesOf(spec);
  return {
    spec,
    key: `${series}\0\0${mint}\0${maxt}\0${hints.func}\0${rangeMs}\0${stepMs}`,
    series,
  };
}

/** Merging may make a select this much longer than the longest of its readers needs. */
const STRETCH = 1.5;

/** The select that serves the request: one that does already, one that is widened, or a new one. */
function place({ spec, series }: Request, selects: MutableSelect[]): number {
  for (let i = 0; i < selects.length; i++) {
    const select = selects[i]!;
    if (seriesOf(select) !== series) continue;
    const mint = Math.min(select.mint, spec.mint);
    const maxt = Math.max(select.maxt, spec.maxt);
    const longest = Math.max(select.maxt - select.mint, spec.maxt - spec.mint);
    if (maxt - mint > longest * STRETCH) continue;
    select.mint = mint;
    select.maxt = maxt;
    select.rangeMs = Math.max(select.rangeMs, spec.rangeMs);
    if (select.hints.func !== spec.hints.func) select.hints = { ...select.hints, func: '' };
    return i;
  }
  selects.push({ ...spec });
  return selects.length - 1;
}

/** The same for requests that yield the same series, but for their time. */
function seriesOf({ matchers, hints, withoutBuckets }: SelectSpec): string {
  const labels = hints.projected ? `${String(hints.by)}\0${hints.grouping.join('\0')}` : '';
  return `${matchers.join('\0')}\0\0${labels}\0\0${String(withoutBuckets)}`;
}
