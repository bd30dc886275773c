import { effectAxis, pointsOf, type Point } from '../../src/dashboard/experiments/effect-points';
import type { ExperimentAnalysisJson } from '../../src/wire';

const point = (units: number, half: number): Point => ({
  ...{ units, at: units, estimate: 0.1, lower: 0.1 - half, upper: 0.1 + half },
});

test('the axis is set by what came after the first quarter, and ends at 100 points for shares', () => {
  const points = [point(10, 9), point(100, 0.4), point(200, 0.2)];
  expect(effectAxis(points, true)).toBeCloseTo(1.05 * 0.5);
  expect(effectAxis([point(10, 9)], true)).toBe(1);
  expect(effectAxis([point(10, 9)], false)).toBeCloseTo(1.05 * 9.1);
  expect(effectAxis([], true)).toBeGreaterThan(0);
});

test('the points of one challenger; an end that is unknown is far away', () => {
  const series: ExperimentAnalysisJson['series'] = [
    { units: 4, at: '2026-01-01T00:00:00.000Z', lifts: [] },
    {
      ...{ units: 8, at: '2026-01-01T00:00:01.000Z' },
      lifts: [{ name: 'b', estimate: 0.2, interval: [null, 0.5] }],
    },
  ];
  expect(pointsOf({ series } as ExperimentAnalysisJson, 'b')).toEqual([
    { units: 8, at: Date.UTC(2026, 0, 1, 0, 0, 1), estimate: 0.2, lower: -Infinity, upper: 0.5 },
  ]);
  expect(pointsOf({ series } as ExperimentAnalysisJson, 'c')).toEqual([]);
});
