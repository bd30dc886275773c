import { seededRandom, simultaneousDifferences } from '../../src/stats';

const arm = (mean: number, n = 100) => ({ n, means: [mean], covariance: [[1]] });

// Quantiles of the studentized range with infinite degrees of freedom over the root of 2 (Tukey's tables).
test.each([
  [2, 1.96],
  [3, 3.314 / Math.SQRT2],
  [5, 3.858 / Math.SQRT2],
  [10, 4.474 / Math.SQRT2],
])('of %d equal arms in one measure the critical value is Tukey’s %f', (k, expected) => {
  const arms = Array.from({ length: k }, () => arm(0));
  const { criticalValue } = simultaneousDifferences(arms, 0.95, 'tukey');
  expect(Math.abs(criticalValue - expected)).toBeLessThan(0.08);
});

test('two measures that are the same cost no more than one', () => {
  const twice = Array.from({ length: 3 }, () => ({
    n: 50,
    means: [0, 0],
    covariance: [
      [1, 1],
      [1, 1],
    ],
  }));
  const once = simultaneousDifferences([arm(0), arm(0), arm(0)], 0.95, 7).criticalValue;
  expect(Math.abs(simultaneousDifferences(twice, 0.95, 7).criticalValue - once)).toBeLessThan(0.1);
});

test('the intervals hold together in at least .93 of 200 worlds', () => {
  const random = seededRandom('coverage');
  const truths = [0.4, 0.5, 0.6, 0.6];
  let covered = 0;
  for (let world = 0; world < 200; world += 1) {
    const arms = truths.map((truth) => {
      const values = Array.from({ length: 60 }, () => (random() < truth ? 1 : 0));
      const mean = values.reduce<number>((sum, value) => sum + value, 0) / 60;
      return { n: 60, means: [mean], covariance: [[(mean * (1 - mean) * 60) / 59]] };
    });
    const intervals = simultaneousDifferences(arms, 0.95, world);
    const all = truths.every((one, i) =>
      truths.every((other, j) => {
        const { lower, upper } = intervals.difference(i, j, 0);
        return lower <= one - other && one - other <= upper;
      }),
    );
    if (all) covered += 1;
  }
  expect(covered / 200).toBeGreaterThanOrEqual(0.93);
});

test('an arm of one unit is refused', () => {
  expect(() => simultaneousDifferences([arm(0, 1)], 0.95, 1)).toThrow(RangeError);
});
