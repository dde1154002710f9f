import { Labels, METRIC_NAME } from '../../model/index.ts';
import type { StepGrid } from '../column.ts';
import type { MatrixNode } from '../plan/node.ts';
import type { EvaluationContext } from './context.ts';
import type { Select } from './select.ts';
import { constantUsage, type Usage } from './usage.ts';
import type { WindowSource } from './window-source.ts';
import { Windows, type WindowShape } from './windows.ts';

/** A range selector: the samples in `(step - range, step]`, without staleness markers. */
export class MatrixSelector implements WindowSource {
  readonly shape: WindowShape;
  readonly metricName: string | undefined;
  readonly readMatters = false;
  readonly #select: Select;
  readonly #windows: Windows;

  constructor(node: MatrixNode, select: Select, grid: StepGrid, context: EvaluationContext) {
    this.#select = select;
    this.metricName = select.metricName;
    this.shape = shapeOf(node, grid, context.options.lookbackMs);
    // Labels may be left out only where the name is known; annotations want nothing but the name then.
    const named = node.hints.projected ? new Labels([METRIC_NAME, select.metricName!]) : undefined;
    const { useStartTimestamps } = context.options;
    this.#windows = new Windows(grid.steps, this.shape, (i) => named ?? select.labels(i), useStartTimestamps);
  }

  prepare(): Promise<void> {
    return this.#select.prepare();
  }

  advance(): boolean {
    return true;
  }

  get size(): number {
    return this.#select.series.length;
  }

  labels(i: number): Labels {
    return this.#select.labels(i);
  }

  dropsName(): boolean {
    return false;
  }

  load(i: number): Windows {
    this.#windows.loadSamples(i, this.#select.samples(i));
    return this.#windows;
  }

  usage(): Usage {
    return constantUsage(0);
  }
}

/** With `anchored` and `smoothed`, windows reach further than the range: to the samples to start from, or to interpolate between. */
function shapeOf(node: MatrixNode, grid: StepGrid, lookbackMs: number): WindowShape {
  const before = node.extension === undefined ? 0 : lookbackMs;
  const after = node.extension === 'smoothed' ? lookbackMs : 0;
  // An empty range has no samples, whatever the extension.
  const spanMs = node.rangeMs + before + after;
  return {
    firstLastMs: (node.atMs ?? grid.startMs) - node.offsetMs + after,
    strideMs: node.atMs === undefined ? grid.stepMs : 0,
    spanMs,
  };
}
