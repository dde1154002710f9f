import type uPlot from 'uplot';
import { formatTime, type Zone } from '../../format/time.ts';
import { type GraphData } from './graph-data.ts';
import classes from './graph.module.css';
import { seriesColour } from './palette.ts';

/**
 * Shows the series nearest to the cursor with its value there. Built as text nodes only: labels come from anyone's
 * exporter.
 */
export function tooltipPlugin(data: GraphData, zone: Zone): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = classes.tooltip!;
  box.hidden = true;
  let nearest: number | null = null;

  const show = (u: uPlot) => {
    const { idx, left = -1, top = -1 } = u.cursor;
    const line = nearest === null ? undefined : data.lines[nearest];
    const value = line?.values[idx ?? -1] ?? null;
    box.hidden = line === undefined || value === null || left < 0;
    if (box.hidden || line === undefined) return;
    fill(box, formatTime(data.times[idx!]! * 1000, zone), seriesColour(nearest!), line.name, String(value));
    place(box, u.over, left, top);
  };

  return {
    hooks: {
      init: (u) => {
        u.over.append(box);
        u.over.addEventListener('mouseleave', () => {
          box.hidden = true;
        });
      },
      setSeries: (u, index) => {
        nearest = index === null || index === 0 ? null : index - 1;
        show(u);
      },
      setCursor: show,
    },
  };
}

function fill(box: HTMLElement, time: string, colour: string, name: string, value: string): void {
  const head = document.createElement('div');
  head.className = classes.tooltipTime!;
  head.textContent = time;
  const amount = document.createElement('div');
  amount.className = classes.tooltipValue!;
  amount.style.borderLeftColor = colour;
  amount.textContent = value;
  const series = document.createElement('div');
  series.className = classes.tooltipName!;
  series.textContent = name;
  box.replaceChildren(head, amount, series);
}

/** Beside the cursor, on the side that has room. */
function place(box: HTMLElement, over: HTMLElement, left: number, top: number): void {
  const gap = 14;
  const { offsetWidth: width, offsetHeight: height } = box;
  const right = left + gap + width <= over.clientWidth;
  const x = right ? left + gap : Math.max(0, left - gap - width);
  const y = Math.max(0, Math.min(top + gap, over.clientHeight - height));
  box.style.transform = `translate(${x}px, ${y}px)`;
}
