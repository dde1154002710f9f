import { formatDuration, parseDuration } from '../format/duration.ts';
import { formatTime, parseTime } from '../format/time.ts';
import { newPanel, type PanelState, type Resolution } from './panel-state.ts';

/** More panels than anyone lines up; an address may claim any number. */
export const maxPanels = 50;

/**
 * The panels of an address: `g0.expr=…&g0.tab=graph&g0.range_input=1h&…`, the parameters that Prometheus's pages use,
 * so that their links work here. Old numeric tabs (0 graph, 1 table) and `step_input`/`stacked` are understood; what
 * is malformed counts as absent. Times in addresses are UTC.
 */
export function decodePanels(search: string): PanelState[] {
  const params = new URLSearchParams(search);
  const panels: PanelState[] = [];
  for (let i = 0; i < maxPanels && params.has(`g${i}.expr`); i++) {
    const get = (name: string): string => params.get(`g${i}.${name}`) ?? '';
    const rangeMs = parseDuration(get('range_input'));
    const tab = get('tab');
    const isGraph = tab === 'graph' || tab === '0';
    // Prometheus writes both times; the older pages kept one per tab.
    const end = isGraph ? get('end_input') || get('moment_input') : get('moment_input') || get('end_input');
    panels.push({
      expr: get('expr'),
      tab: isGraph ? 'graph' : 'table',
      rangeMs: rangeMs !== undefined && rangeMs > 0 ? rangeMs : newPanel.rangeMs,
      endMs: parseTime(end, 'utc'),
      resolution: decodeResolution(get),
      stacked: get('display_mode') === '' ? get('stacked') === '1' : get('display_mode') === 'stacked',
    });
  }
  return panels;
}

function decodeResolution(get: (name: string) => string): Resolution {
  switch (get('res_type')) {
    case 'auto': {
      const density = get('res_density');
      return density === 'low' || density === 'high' ? { kind: 'auto', density } : newPanel.resolution;
    }
    case 'fixed':
    case 'custom':
      return fixed(get('res_step')) ?? newPanel.resolution;
    default:
      return fixed(get('step_input')) ?? newPanel.resolution;
  }
}

function fixed(seconds: string): Resolution | undefined {
  const stepMs = /^\d+(\.\d+)?$/.test(seconds) ? Math.round(Number(seconds) * 1000) : 0;
  return stepMs > 0 && Number.isSafeInteger(stepMs) ? { kind: 'fixed', stepMs } : undefined;
}

/** The query string of an address, with `?`, that shows these panels here and in Prometheus; empty for untouched ones. */
export function encodePanels(panels: readonly PanelState[]): string {
  if (panels.every((p) => p === newPanel)) return '';
  const params = new URLSearchParams();
  panels.forEach((panel, i) => {
    const set = (name: string, value: string) => {
      params.set(`g${i}.${name}`, value);
    };
    set('expr', panel.expr);
    set('tab', panel.tab);
    set('range_input', formatDuration(panel.rangeMs));
    if (panel.endMs !== undefined) {
      const end = formatTime(panel.endMs, 'utc');
      set('end_input', end);
      set('moment_input', end);
    }
    if (panel.resolution.kind === 'fixed') set('step_input', String(panel.resolution.stepMs / 1000));
    else if (panel.resolution.density !== 'medium') {
      set('res_type', 'auto');
      set('res_density', panel.resolution.density);
    }
    if (panel.stacked) set('display_mode', 'stacked');
  });
  return `?${params.toString()}`;
}
