import { type RangeSeries } from '../../api/index.ts';
import { parseSampleValue } from '../../format/number.ts';
import { formatSeries, type Labels } from '../../format/series-name.ts';

/** One line of a graph. `values[i]` is at `startSeconds + i * stepSeconds`; `null` where there is no finite value. */
export interface Line {
  readonly name: string;
  readonly labels: Labels;
  readonly values: readonly (number | null)[];
}

/** The lines of a range query on one time axis. */
export interface GraphData {
  /** Seconds, ascending, one per step. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** Series of native histograms only, which lines cannot show. */
  readonly histogramCount: number;
}

/**
 * Puts every series on the steps of the query: a step without a sample, and one whose value is `NaN` or infinite, is a
 * gap.
 *
 * @param startMs first step
 * @param endMs last step at most
 */
export function toGraphData(series: readonly RangeSeries[], startMs: number, endMs: number, stepMs: number): GraphData {
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  const times = Array.from({ length: steps }, (_, i) => (startMs + i * stepMs) / 1000);
  const lines: Line[] = [];
  let histogramCount = 0;
  for (const { metric, values = [], histograms = [] } of series) {
    if (values.length === 0) {
      if (histograms.length > 0) histogramCount++;
      continue;
    }
    const onSteps = new Array<number | null>(steps).fill(null);
    for (const [t, text] of values) {
      const step = Math.round((t * 1000 - startMs) / stepMs);
      const value = parseSampleValue(text);
      if (step >= 0 && step < steps && Number.isFinite(value)) onSteps[step] = value;
    }
    lines.push({ name: formatSeries(metric), labels: metric, values: onSteps });
  }
  return { times, lines, histogramCount };
}

/**
 * Running sums from the first visible line up: what stacked areas draw. A gap adds nothing; where every line so far has
 * a gap, the sum is a gap too. Hidden lines add nothing and stay gaps.
 */
export function stackLines(lines: readonly Line[], isHidden: (name: string) => boolean): (number | null)[][] {
  const steps = lines[0]?.values.length ?? 0;
  const sums = new Array<number | null>(steps).fill(null);
  return lines.map((line) => {
    if (isHidden(line.name)) return new Array<number | null>(steps).fill(null);
    return line.values.map((value, i) => {
      if (value !== null) sums[i] = (sums[i] ?? 0) + value;
      return sums[i] ?? null;
    });
  });
}

/** Steps that have a value between two gaps: a line does not show them, so they are drawn as dots. */
export function isolatedSteps(values: readonly (number | null | undefined)[]): number[] {
  const isGap = (i: number) => (values[i] ?? null) === null;
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (!isGap(i) && isGap(i - 1) && isGap(i + 1)) found.push(i);
  }
  return found;
}
