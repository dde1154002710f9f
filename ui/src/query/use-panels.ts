import { useEffect, useReducer, useRef } from 'react';
import { usePlace, useRouter } from '../app/index.ts';
import { type PanelState } from './panel-state.ts';
import { loadPanels, panelsReducer } from './panels.ts';
import { decodePanels, encodePanels } from './url-state.ts';

/** The page's panels, kept the same as the address in both directions. */
export function usePanels() {
  const router = useRouter();
  const { search } = usePlace();
  const [panels, dispatch] = useReducer(panelsReducer, search, (s) => loadPanels(decodePanels(s), Date.now()));
  const states = panels.list.map((panel) => panel.state);
  const encoded = encodePanels(states);
  /** The panels that the address shows, and how they are written: what differs from it is news. */
  const shown = useRef({ search, encoded, states });

  useEffect(() => {
    if (encoded === shown.current.encoded) return;
    // Back undoes a query, a range or a zoom, not a look at the other tab.
    const how = isSameQuestion(states, shown.current.states) ? 'replace' : 'push';
    shown.current = { search: encoded, encoded, states };
    router.go(router.href('/query', encoded), how);
  });

  useEffect(() => {
    if (search === shown.current.search) return;
    const loaded = decodePanels(search);
    shown.current = { search, encoded: encodePanels(loadPanels(loaded, 0).list.map((p) => p.state)), states: loaded };
    dispatch({ type: 'load', states: loaded, nowMs: Date.now() });
  }, [search]);

  return [panels.list, dispatch] as const;
}

function isSameQuestion(a: readonly PanelState[], b: readonly PanelState[]): boolean {
  const bare = (states: readonly PanelState[]) =>
    encodePanels(states.map((state) => ({ ...state, tab: 'table', stacked: false })));
  return a.length === b.length && bare(a) === bare(b);
}
