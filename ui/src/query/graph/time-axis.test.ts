import { expect, it } from 'vitest';
import { timeLabels } from './time-axis.ts';

const at = (...args: [number, number, number, number?, number?, number?]) => Date.UTC(...args) / 1000;

it('dates the first tick and each new day', () => {
  const ticks = [at(2026, 2, 1, 22), at(2026, 2, 1, 23), at(2026, 2, 2, 0)];
  expect(timeLabels(ticks, 3600, 'utc')).toEqual(['22:00\n2026-03-01', '23:00', '00:00\n2026-03-02']);
});

it('is as fine as the ticks', () => {
  expect(timeLabels([at(2026, 2, 1, 1, 2, 3)], 15, 'utc')).toEqual(['01:02:03\n2026-03-01']);
  expect(timeLabels([at(2026, 2, 1, 1, 2, 3) + 0.5], 0.5, 'utc')).toEqual(['01:02:03.500\n2026-03-01']);
});

it('shows days and new years where ticks are days apart', () => {
  const ticks = [at(2025, 11, 30), at(2025, 11, 31), at(2026, 0, 1)];
  expect(timeLabels(ticks, 86_400, 'utc')).toEqual(['12-30\n2025', '12-31', '01-01\n2026']);
});
