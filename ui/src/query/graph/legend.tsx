import { type MouseEvent } from 'react';
import { SeriesName, VirtualList } from '../../widgets/index.ts';
import classes from './graph.module.css';
import { type Line } from './graph-data.ts';
import { seriesColour } from './palette.ts';
import { isolate, toggle } from './visibility.ts';

interface LegendProps {
  readonly lines: readonly Line[];
  readonly hidden: ReadonlySet<string>;
  readonly onHide: (hidden: ReadonlySet<string>) => void;
  readonly onFocus: (name: string | undefined) => void;
}

/** The lines' names and colours. A click shows one line alone, with Ctrl, ⌘ or Shift it hides or shows that line. */
export function Legend({ lines, hidden, onHide, onFocus }: LegendProps) {
  const names = lines.map((line) => line.name);
  const choose = (event: MouseEvent, name: string) => {
    const one = event.ctrlKey || event.metaKey || event.shiftKey;
    onHide(one ? toggle(hidden, name) : isolate(hidden, names, name));
  };
  return (
    <div className={classes.legend}>
      <VirtualList
        count={lines.length}
        estimate={22}
        maxHeight={264}
        label="Legend"
        renderRow={(i) => {
          const { name, labels } = lines[i]!;
          return (
            <button
              type="button"
              className={classes.legendRow}
              aria-pressed={!hidden.has(name)}
              title="Click: only this series. Ctrl+click: hide or show it."
              onClick={(event) => {
                choose(event, name);
              }}
              onMouseEnter={() => {
                onFocus(name);
              }}
              onMouseLeave={() => {
                onFocus(undefined);
              }}
            >
              <span className={classes.swatch} style={{ backgroundColor: seriesColour(i) }} />
              <SeriesName labels={labels} />
            </button>
          );
        }}
      />
    </div>
  );
}
