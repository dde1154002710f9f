/** How many points a graph asks for: a share of the range, or a step in ms. */
export type Resolution =
  | { readonly kind: 'auto'; readonly density: 'low' | 'medium' | 'high' }
  | { readonly kind: 'fixed'; readonly stepMs: number };

export type Tab = 'table' | 'graph';

/** One expression and how it is looked at: all of it is in the address, so that a link shows the same. */
export interface PanelState {
  readonly expr: string;
  readonly tab: Tab;
  readonly rangeMs: number;
  /** End of the graph and moment of the table; `undefined` is now. */
  readonly endMs: number | undefined;
  readonly resolution: Resolution;
  readonly stacked: boolean;
}

export const newPanel: PanelState = {
  expr: '',
  tab: 'table',
  rangeMs: 3_600_000,
  endMs: undefined,
  resolution: { kind: 'auto', density: 'medium' },
  stacked: false,
};

/** Ranges that − and + step through. */
export const rangeSteps: readonly number[] = [
  1, 5, 15, 30, 60, 120, 360, 720, 1440, 2880, 10_080, 20_160, 40_320, 80_640, 525_600,
].map((minutes) => minutes * 60_000);

/** The next range in a direction, from whatever range is set; the outermost ranges stay. */
export function stepRange(rangeMs: number, direction: 1 | -1): number {
  const next = direction === 1 ? rangeSteps.find((r) => r > rangeMs) : rangeSteps.findLast((r) => r < rangeMs);
  return next ?? rangeMs;
}
