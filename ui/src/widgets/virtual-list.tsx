import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { RowOffsets } from './row-offsets.ts';
import classes from './virtual-list.module.css';

interface VirtualListProps {
  readonly count: number;
  /** Height in px that most rows have. */
  readonly estimate: number;
  readonly renderRow: (row: number) => ReactNode;
  readonly rowKey?: (row: number) => string | number;
  /** Scrolls inside this height; without it the list is as long as its rows and scrolls with the page. */
  readonly maxHeight?: number | string;
  /** ARIA roles of the list and its rows. */
  readonly role?: 'list' | 'rowgroup' | 'listbox';
  readonly label?: string;
}

/** Rows drawn beyond the visible ones, in px: enough for a turn of the wheel. */
const overscanPx = 400;
/** Shorter lists are drawn whole: searching in the page and printing then find everything. */
const smallCount = 60;

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * A list of any length that draws only the rows in view. Rows may have different heights and may change them.
 */
export function VirtualList(props: VirtualListProps) {
  const { count, estimate, renderRow, rowKey, maxHeight, role = 'list', label } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const offsets = useMemo(() => new RowOffsets(count, estimate), [count, estimate]);
  const isSmall = count <= smallCount;
  const { range, measured } = useVisibleRange(offsets, scroller, body, isSmall);
  const observer = useRowObserver(offsets, measured);

  const rows: ReactNode[] = [];
  for (let i = range.from; i < Math.min(range.to, count); i++) {
    rows.push(
      <div
        key={rowKey?.(i) ?? i}
        ref={isSmall ? undefined : observer}
        data-row={i}
        className={isSmall ? undefined : classes.row}
        style={isSmall ? undefined : { transform: `translateY(${offsets.top(i)}px)` }}
        role={role === 'list' ? 'listitem' : undefined}
        aria-setsize={role === 'list' ? count : undefined}
        aria-posinset={role === 'list' ? i + 1 : undefined}
      >
        {renderRow(i)}
      </div>,
    );
  }
  return (
    <div ref={scroller} className={maxHeight === undefined ? undefined : classes.scroller} style={{ maxHeight }}>
      <div
        ref={body}
        role={role}
        aria-label={label}
        className={classes.body}
        style={isSmall ? undefined : { height: offsets.total() }}
      >
        {rows}
      </div>
    </div>
  );
}

/** The rows to draw, kept up with scrolling and resizing; call `measured` when heights changed. */
function useVisibleRange(
  offsets: RowOffsets,
  scroller: React.RefObject<HTMLDivElement | null>,
  body: React.RefObject<HTMLDivElement | null>,
  isSmall: boolean,
) {
  const [range, setRange] = useState<Range>({ from: 0, to: 0 });
  const [, redraw] = useState(0);

  const update = useCallback(() => {
    if (body.current === null || scroller.current === null) return;
    const next = isSmall ? { from: 0, to: offsets.count } : visibleRows(offsets, body.current, scroller.current);
    setRange((now) => (now.from === next.from && now.to === next.to ? now : next));
  }, [offsets, body, scroller, isSmall]);

  const measured = useCallback(() => {
    redraw((n) => n + 1);
    update();
  }, [update]);

  useLayoutEffect(update, [update]);
  useEffect(() => {
    // Capturing hears every scroller around the list, whichever it is.
    window.addEventListener('scroll', update, { capture: true, passive: true });
    window.addEventListener('resize', update);
    return () => {
      window.removeEventListener('scroll', update, { capture: true });
      window.removeEventListener('resize', update);
    };
  }, [update]);
  return { range: isSmall ? { from: 0, to: offsets.count } : range, measured };
}

function visibleRows(offsets: RowOffsets, body: HTMLElement, scroller: HTMLElement): Range {
  const top = body.getBoundingClientRect().top;
  const frame = scroller.getBoundingClientRect();
  const from = Math.max(0, frame.top) - top - overscanPx;
  const to = Math.min(window.innerHeight, frame.bottom) - top + overscanPx;
  return { from: offsets.rowAt(from), to: offsets.rowAt(Math.max(to, 0)) + 1 };
}

/** A ref for rows that records their heights. */
function useRowObserver(offsets: RowOffsets, measured: () => void) {
  const observer = useMemo(
    () =>
      new ResizeObserver((entries) => {
        let moved = false;
        for (const { target } of entries) {
          const row = Number((target as HTMLElement).dataset.row);
          if (target.isConnected && offsets.measure(row, target.getBoundingClientRect().height)) moved = true;
        }
        if (moved) measured();
      }),
    [offsets, measured],
  );
  useEffect(
    () => () => {
      observer.disconnect();
    },
    [observer],
  );
  return useCallback(
    (element: HTMLDivElement | null) => {
      if (element === null) return;
      observer.observe(element);
      return () => {
        observer.unobserve(element);
      };
    },
    [observer],
  );
}
