import { newPanel, type PanelState } from './panel-state.ts';

/** A panel on the page: what its address says, what stands in its field, and when it last ran. */
export interface Panel {
  readonly id: number;
  readonly state: PanelState;
  readonly draft: string;
  /** "Now" of the last run in ms: a run again asks again, and both tabs see the same moment. */
  readonly ranAtMs: number;
}

export type PanelAction =
  | { readonly type: 'load'; readonly states: readonly PanelState[]; readonly nowMs: number }
  | { readonly type: 'add'; readonly nowMs: number }
  | { readonly type: 'remove'; readonly id: number }
  | { readonly type: 'type'; readonly id: number; readonly text: string }
  | { readonly type: 'run'; readonly id: number; readonly expr: string; readonly nowMs: number }
  | { readonly type: 'change'; readonly id: number; readonly change: Partial<PanelState>; readonly nowMs: number };

export interface Panels {
  readonly list: readonly Panel[];
  readonly nextId: number;
}

/** The panels of an address; at least one. */
export function loadPanels(states: readonly PanelState[], nowMs: number, firstId = 0): Panels {
  const filled = states.length === 0 ? [newPanel] : states;
  const list = filled.map((state, i) => ({ id: firstId + i, state, draft: state.expr, ranAtMs: nowMs }));
  return { list, nextId: firstId + list.length };
}

/** What the page's actions do to the panels. Changing a setting runs the query again at the new now. */
export function panelsReducer(panels: Panels, action: PanelAction): Panels {
  const update = (id: number, change: (panel: Panel) => Panel): Panels => ({
    ...panels,
    list: panels.list.map((panel) => (panel.id === id ? change(panel) : panel)),
  });
  switch (action.type) {
    case 'load':
      return loadPanels(action.states, action.nowMs, panels.nextId);
    case 'add': {
      // A new panel looks at the same time as the one above it.
      const above = panels.list.at(-1)?.state ?? newPanel;
      const state = { ...newPanel, tab: above.tab, rangeMs: above.rangeMs, endMs: above.endMs };
      const panel = { id: panels.nextId, state, draft: '', ranAtMs: action.nowMs };
      return { list: [...panels.list, panel], nextId: panels.nextId + 1 };
    }
    case 'remove': {
      const list = panels.list.filter((panel) => panel.id !== action.id);
      return list.length === 0 ? loadPanels([], 0, panels.nextId) : { ...panels, list };
    }
    case 'type':
      return update(action.id, (panel) => ({ ...panel, draft: action.text }));
    case 'run':
      return update(action.id, (panel) => ({
        ...panel,
        draft: action.expr,
        state: { ...panel.state, expr: action.expr },
        ranAtMs: action.nowMs,
      }));
    case 'change': {
      // Another tab or drawing shows the same run.
      const asksAgain = Object.keys(action.change).some((key) => key !== 'tab' && key !== 'stacked');
      return update(action.id, (panel) => ({
        ...panel,
        state: { ...panel.state, ...action.change },
        ranAtMs: asksAgain ? action.nowMs : panel.ranAtMs,
      }));
    }
  }
}
