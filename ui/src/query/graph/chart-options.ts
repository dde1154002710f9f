import uPlot from 'uplot';
import { formatTicks } from '../../format/number.ts';
import { type Zone } from '../../format/time.ts';
import { type GraphData, isolatedSteps, stackLines } from './graph-data.ts';
import { seriesColour } from './palette.ts';
import { timeLabels } from './time-axis.ts';
import { tooltipPlugin } from './tooltip.ts';

/** How the lines are to be drawn. */
export interface ChartLook {
  readonly stacked: boolean;
  readonly hidden: ReadonlySet<string>;
  readonly zone: Zone;
}

/** Colours and font that the canvas takes from the page's tokens. */
export interface ChartInk {
  readonly text: string;
  readonly grid: string;
  readonly font: string;
}

/** Numbers of the lines, in uPlot's layout: times first. */
export function chartColumns(data: GraphData, look: ChartLook): uPlot.AlignedData {
  const columns = look.stacked
    ? stackLines(data.lines, (name) => look.hidden.has(name))
    : data.lines.map((line) => line.values as (number | null)[]);
  return [data.times as number[], ...columns];
}

/** uPlot's options for a graph; `onZoom` gets the range that was dragged over, in ms. */
export function chartOptions(
  data: GraphData,
  look: ChartLook,
  ink: ChartInk,
  size: { width: number; height: number },
  onZoom: (fromMs: number, toMs: number) => void,
): uPlot.Options {
  const { zone } = look;
  const first = data.times[0] ?? 0;
  const last = data.times.at(-1) ?? 0;
  const axis = { stroke: ink.text, font: ink.font, grid: { stroke: ink.grid, width: 1 }, ticks: { show: false } };
  return {
    ...size,
    // Without a second step the axis still needs a width.
    scales: { x: { time: true, range: first === last ? [first - 30, last + 30] : [first, last] }, y: {} },
    tzDate: (ts) => (zone === 'utc' ? uPlot.tzDate(new Date(ts * 1000), 'Etc/UTC') : new Date(ts * 1000)),
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      focus: { prox: 40 },
      points: { size: 7 },
    },
    focus: { alpha: 0.25 },
    axes: [
      {
        ...axis,
        space: 90,
        size: 46,
        values: (_u, splits, _axis, _space, increment) => timeLabels(splits, increment, zone),
      },
      {
        ...axis,
        size: (_u, labels) => axisWidth(labels as readonly string[] | null),
        values: (_u, splits, _axis, _space, increment) => formatTicks(splits, increment),
      },
    ],
    series: [{}, ...data.lines.map((line, i) => seriesOptions(line.name, i, look))],
    bands: look.stacked ? stackBands(data, look) : [],
    hooks: {
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width < 4) return;
          onZoom(u.posToVal(left, 'x') * 1000, u.posToVal(left + width, 'x') * 1000);
        },
      ],
    },
    plugins: [tooltipPlugin(data, zone)],
  };
}

function seriesOptions(name: string, index: number, look: ChartLook): uPlot.Series {
  const colour = seriesColour(index);
  return {
    label: name,
    show: !look.hidden.has(name),
    stroke: colour,
    width: look.stacked ? 1 : 1.5,
    fill: look.stacked ? `${colour}59` : undefined,
    spanGaps: false,
    points: {
      show: false,
      size: 5,
      stroke: colour,
      fill: colour,
      filter: (u, seriesIndex) => isolatedSteps(u.data[seriesIndex] as (number | null)[]),
    },
  };
}

/** Each visible area is filled down to the visible one below it; the lowest to the axis. */
function stackBands(data: GraphData, look: ChartLook): uPlot.Band[] {
  const visible = data.lines.flatMap((line, i) => (look.hidden.has(line.name) ? [] : [i + 1]));
  return visible.slice(1).map((series, i) => ({ series: [series, visible[i]!] as [number, number] }));
}

const characterWidth = 7;

function axisWidth(labels: readonly string[] | null): number {
  const longest = (labels ?? []).reduce((max, label) => Math.max(max, label.length), 1);
  return Math.max(36, longest * characterWidth + 18);
}
