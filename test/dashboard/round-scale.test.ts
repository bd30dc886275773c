import { roundTop } from '../../src/dashboard/metrics/round-scale';

test.each([
  [0, 'number', 1],
  [0.3, 'number', 0.4],
  [1, 'number', 1],
  [41.36, 'number', 60],
  [1, 'count', 2],
  [17, 'count', 20],
  [89, 'count', 100],
  [4103, 'count', 6000],
  [24.7, 'millis', 40],
  [58_700, 'millis', 60_000],
  [109_000, 'millis', 120_000],
  [308_000, 'millis', 360_000],
  [3 * 3_600_000, 'millis', 4 * 3_600_000],
  [30 * 3_600_000, 'millis', 48 * 3_600_000],
] as const)('%d as %s ends at %d', (most, unit, top) => {
  expect(roundTop(most, unit)).toBeCloseTo(top, 9);
});
