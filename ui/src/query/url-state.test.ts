import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newPanel, type PanelState, stepRange } from './panel-state.ts';
import { decodePanels, encodePanels, maxPanels } from './url-state.ts';

describe('decodePanels', () => {
  it("reads a link of Prometheus's page", () => {
    const link =
      '?g0.expr=rate(http_requests_total%5B5m%5D)&g0.show_tree=0&g0.tab=graph&g0.end_input=2026-03-01%2012%3A00%3A00' +
      '&g0.moment_input=2026-03-01%2012%3A00%3A00&g0.range_input=6h&g0.res_type=auto&g0.res_density=high' +
      '&g0.display_mode=stacked&g0.show_exemplars=0&g1.expr=up&g1.tab=table&g1.range_input=1h';
    expect(decodePanels(link)).toEqual([
      {
        expr: 'rate(http_requests_total[5m])',
        tab: 'graph',
        rangeMs: 6 * 3_600_000,
        endMs: Date.UTC(2026, 2, 1, 12),
        resolution: { kind: 'auto', density: 'high' },
        stacked: true,
      },
      { ...newPanel, expr: 'up' },
    ]);
  });

  it('reads the links of alerts, which use the old numeric tabs', () => {
    expect(decodePanels('?g0.expr=up+%3D%3D+0&g0.tab=1')).toEqual([{ ...newPanel, expr: 'up == 0' }]);
    expect(decodePanels('?g0.expr=up&g0.tab=0&g0.stacked=1&g0.step_input=30')).toEqual([
      { ...newPanel, expr: 'up', tab: 'graph', stacked: true, resolution: { kind: 'fixed', stepMs: 30_000 } },
    ]);
  });

  it('takes malformed settings as absent', () => {
    const link = '?g0.expr=up&g0.tab=7&g0.range_input=soon&g0.end_input=never&g0.step_input=-5&g0.res_density=x';
    expect(decodePanels(link)).toEqual([{ ...newPanel, expr: 'up' }]);
    expect(decodePanels('?g0.expr=up&g0.range_input=0s&g0.res_type=fixed&g0.res_step=1e99')).toEqual([
      { ...newPanel, expr: 'up' },
    ]);
  });

  it('stops at the first panel that is missing, and at a sane number', () => {
    expect(decodePanels('?g1.expr=up')).toEqual([]);
    const many = Array.from({ length: maxPanels + 10 }, (_, i) => `g${i}.expr=up`).join('&');
    expect(decodePanels(`?${many}`)).toHaveLength(maxPanels);
  });
});

describe('encodePanels', () => {
  it('writes nothing for the first visit', () => {
    expect(encodePanels([newPanel])).toBe('');
  });

  it('is read back as it was', () => {
    const panel: fc.Arbitrary<PanelState> = fc.record({
      expr: fc.string({ unit: 'grapheme' }),
      tab: fc.constantFrom('table', 'graph'),
      rangeMs: fc.integer({ min: 1, max: 10 ** 12 }),
      endMs: fc.option(fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(2200, 0) }), { nil: undefined }),
      resolution: fc.oneof(
        fc.record({ kind: fc.constant('auto' as const), density: fc.constantFrom('low', 'medium', 'high') }),
        fc.record({ kind: fc.constant('fixed' as const), stepMs: fc.integer({ min: 1, max: 10 ** 9 }) }),
      ),
      stacked: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(panel, { minLength: 1, maxLength: 4 }), (panels) => {
        expect(decodePanels(encodePanels(panels))).toEqual(panels);
      }),
    );
  });
});

it('steps through the ranges from any range, and stays at the ends', () => {
  expect(stepRange(3_600_000, 1)).toBe(2 * 3_600_000);
  expect(stepRange(3_600_000, -1)).toBe(1_800_000);
  expect(stepRange(5_000_000, -1)).toBe(3_600_000);
  expect(stepRange(60_000, -1)).toBe(60_000);
  expect(stepRange(10 ** 14, 1)).toBe(10 ** 14);
});
