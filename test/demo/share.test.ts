import { shareOf } from '../../src/demo/share';

test('of five runs that all failed the interval was 0 % … 0 %', () => {
  const share = shareOf([0, 0, 0, 0, 0]);
  // Wilson: z²/(n + z²) = .4345 for n = 5.
  expect(share).toMatchObject({ runs: 5, mean: 0, lower: 0 });
  expect(share.upper).toBeCloseTo(0.4345, 3);
  expect(shareOf([])).toEqual({ runs: 0, mean: null, lower: null, upper: null });
  expect(shareOf([1]).lower).toBeGreaterThan(0.2);
});
