import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useLayoutEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { chartColumns, type ChartInk, type ChartLook, chartOptions } from './chart-options.ts';
import classes from './graph.module.css';
import { type GraphData } from './graph-data.ts';

interface ChartProps {
  readonly data: GraphData;
  readonly look: ChartLook;
  /** Name of the line to bring forward. */
  readonly focused: string | undefined;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

/** The drawing itself. It is made anew when its data or look change, and resized with its place. */
export default function Chart({ data, look, focused, onZoom }: ChartProps) {
  const parent = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const zoom = useRef(onZoom);
  const scheme = useComputedColorScheme('light');
  useLayoutEffect(() => {
    zoom.current = onZoom;
  });

  useEffect(() => {
    const element = parent.current!;
    const options = chartOptions(data, look, inkOf(element), sizeOf(element), (from, to) => {
      zoom.current(from, to);
    });
    const drawn = new uPlot(options, chartColumns(data, look), element);
    chart.current = drawn;
    const observer = new ResizeObserver(() => {
      const size = sizeOf(element);
      if (size.width !== drawn.width || size.height !== drawn.height) drawn.setSize(size);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      chart.current = null;
    };
  }, [data, look, scheme]);

  useEffect(() => {
    const index = data.lines.findIndex((line) => line.name === focused);
    chart.current?.setSeries(index === -1 ? null : index + 1, { focus: true });
  }, [data, focused]);

  return (
    <div
      ref={parent}
      className={classes.chart}
      role="img"
      aria-label={`Graph of ${data.lines.length} series; the Table tab has the values`}
    />
  );
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: Math.max(200, element.clientWidth), height: Math.max(160, element.clientHeight) };
}

function inkOf(element: HTMLElement): ChartInk {
  const style = getComputedStyle(element);
  return {
    text: style.getPropertyValue('--y-text-dim').trim(),
    grid: style.getPropertyValue('--y-grid').trim(),
    font: `12px ${style.fontFamily}`,
  };
}
