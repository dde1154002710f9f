import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chooseStep, maxPoints } from './step.ts';

const medium = { kind: 'auto', density: 'medium' } as const;

it.each([
  [60_000, 250],
  [3_600_000, 15_000],
  [6 * 3_600_000, 120_000],
  [86_400_000, 600_000],
  [14 * 86_400_000, 2 * 3_600_000],
  [365 * 86_400_000, 2 * 86_400_000],
])('a range of %d ms at medium density steps by %d ms', (rangeMs, stepMs) => {
  expect(chooseStep(rangeMs, medium)).toBe(stepMs);
});

it('keeps a fixed step unless the server would refuse it', () => {
  expect(chooseStep(3_600_000, { kind: 'fixed', stepMs: 7000 })).toBe(7000);
  const stepMs = chooseStep(365 * 86_400_000, { kind: 'fixed', stepMs: 1000 });
  expect(stepMs).toBeGreaterThan(1000);
});

it('never asks for more points than the density, nor than the server gives', () => {
  const resolution = fc.oneof(
    fc.record({ kind: fc.constant('auto' as const), density: fc.constantFrom('low', 'medium', 'high') }),
    fc.record({ kind: fc.constant('fixed' as const), stepMs: fc.integer({ min: 1, max: 10 ** 8 }) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 13 }), resolution, (rangeMs, r) => {
      const stepMs = chooseStep(rangeMs, r);
      expect(Number.isInteger(stepMs) && stepMs >= 1).toBe(true);
      expect(Math.floor(rangeMs / stepMs) + 1).toBeLessThanOrEqual(maxPoints);
    }),
  );
});
