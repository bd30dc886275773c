import fc from 'fast-check';
import {
  addValue,
  derSimonianLaird,
  emptyMoments,
  mergeMoments,
  momentsFromSums,
  momentsOf,
  relativeLift,
  sampleVariance,
  welchTest,
  type Moments,
} from '../../src/stats';
import nist from './fixtures/nist.json';
import { relativeError } from './relative-error';

const welford = (values: readonly number[]): Moments => values.reduce(addValue, emptyMoments());
const runs = { numRuns: 100, seed: 20260103 };
const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 40 });

describe('moments', () => {
  it.each([welford, momentsOf])('reproduces NIST NumAcc4', (accumulate) => {
    const data = Array.from({ length: 1001 }, (_, i) =>
      i === 0 ? 10000000.2 : i % 2 === 1 ? 10000000.1 : 10000000.3,
    );
    const moments = accumulate(data);
    expect(moments.mean).toBeCloseTo(10000000.2, 8);
    expect(Math.sqrt(sampleVariance(moments))).toBeCloseTo(0.1, 8);
    const sum = data.reduce((x, y) => x + y, 0);
    const squares = data.reduce((x, y) => x + y * y, 0);
    expect(Math.abs((squares - (sum * sum) / 1001) / 1000 - 0.01)).toBeGreaterThan(0.01);
  });

  it.each(nist)('reproduces NIST $name', ({ values: data, mean, standardDeviation }) => {
    for (const moments of [welford(data), momentsOf(data)]) {
      expect(relativeError(moments.mean, mean)).toBeLessThan(1e-14);
      expect(relativeError(Math.sqrt(sampleVariance(moments)), standardDeviation)).toBeLessThan(
        1e-12,
      );
    }
  });

  it('merging equals adding all, in any split', () => {
    fc.assert(
      fc.property(values, values, (left, right) => {
        const merged = mergeMoments(welford(left), welford(right));
        const together = welford([...left, ...right]);
        expect(merged.n).toBe(together.n);
        expect(Math.abs(merged.mean - together.mean)).toBeLessThan(1e-8);
        expect(Math.abs(merged.m2 - together.m2)).toBeLessThan(1e-9 * (1 + together.m2));
        expect(merged.m2).toBeGreaterThanOrEqual(0);
      }),
      runs,
    );
  });

  it('rejects what is not a number or too few', () => {
    expect(() => addValue(emptyMoments(), NaN)).toThrow(
      new RangeError('x must be a finite number, got NaN'),
    );
    expect(() => sampleVariance(welford([1]))).toThrow(
      new RangeError('moments.n must be at least 2, got 1'),
    );
    expect(() => momentsFromSums(2, 4, 1)).toThrow(RangeError);
  });
});

describe('welchTest', () => {
  it("reproduces R's sleep data", () => {
    const first = welford([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]);
    const second = welford([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
    const result = welchTest(first, second, 0.95);
    expect(result.statistic).toBeCloseTo(-1.860813, 6);
    expect(result.df).toBeCloseTo(17.776474, 6);
    expect(result.pValue).toBeCloseTo(0.0793941402, 10);
    expect(result.interval.lower).toBeCloseTo(-3.365483, 6);
    expect(result.interval.upper).toBeCloseTo(0.205483, 6);
  });

  it('reproduces the commonstats crate, checked there against R and SciPy', () => {
    const a = welford([5.1, 4.9, 6.2, 5.5, 5.8, 6.0, 4.7, 5.3]);
    const b = welford([6.1, 5.9, 7.0, 6.5, 6.8, 7.2, 5.7, 6.3, 6.6]);
    const result = welchTest(a, b, 0.95);
    expect(result.statistic).toBeCloseTo(-4.031203501489172, 12);
    expect(result.df).toBeCloseTo(14.496687303878408, 11);
    expect(relativeError(result.pValue, 0.0011594500797898887)).toBeLessThan(1e-11);
    expect(result.interval.lower).toBeCloseTo(-1.5579722960522782, 11);
    expect(result.interval.upper).toBeCloseTo(-0.4781388150588328, 11);
  });

  it("reproduces GrowthBook's absolute and relative difference from sums", () => {
    const control = momentsFromSums(3407, 1396.87, 52377.9767);
    const treatment = momentsFromSums(3461, 2422.7, 134698.29);
    const absolute = welchTest(treatment, control, 0.95);
    expect(absolute.estimate).toBeCloseTo(0.29, 5);
    expect(absolute.standardError).toBeCloseTo(0.12478, 5);
    expect(absolute.pValue).toBeCloseTo(0.02016, 5);
    expect(absolute.interval.lower).toBeCloseTo(0.04538, 5);
    expect(absolute.interval.upper).toBeCloseTo(0.53462, 5);
    const relative = relativeLift(treatment, control, 0.95);
    expect(relative.estimate).toBeCloseTo(0.70732, 5);
    expect(relative.pValue).toBeCloseTo(0.06191, 5);
    expect(relative.interval.lower).toBeCloseTo(-0.03526, 5);
    expect(relative.interval.upper).toBeCloseTo(1.44989, 5);
  });

  it("reproduces GrowthBook's relative difference of 14/28 and 16/30", () => {
    const result = relativeLift(proportion(16, 30), proportion(14, 28), 0.95);
    expect(result.estimate).toBeCloseTo(0.06667, 5);
    expect(result.pValue).toBeCloseTo(0.80707, 5);
    expect(result.interval.lower).toBeCloseTo(-0.47767, 5);
    expect(result.interval.upper).toBeCloseTo(0.61101, 5);
  });

  it('takes constant samples as no evidence', () => {
    const result = welchTest(welford([1, 1, 1]), welford([0, 0, 0]), 0.95);
    expect(result).toMatchObject({ estimate: 1, standardError: 0, statistic: 0, pValue: 1 });
    expect(result.interval).toEqual({ lower: -Infinity, upper: Infinity });
  });

  it('rejects a single value and a baseline of 0', () => {
    expect(() => welchTest(welford([1]), welford([1, 2]), 0.95)).toThrow(
      new RangeError('a.n must be at least 2, got 1'),
    );
    expect(() => welchTest(welford([1, 3]), welford([1, 2]), 95)).toThrow(RangeError);
    expect(() => relativeLift(welford([1, 3]), welford([-1, 1]), 0.95)).toThrow(RangeError);
  });
});

/** GrowthBook takes p (1 - p) itself as the variance of a proportion, not its unbiased form. */
function proportion(successes: number, n: number): Moments {
  const mean = successes / n;
  return { n, mean, m2: mean * (1 - mean) * (n - 1) };
}

describe('derSimonianLaird', () => {
  // metafor's dat.bcg: vaccinated cases, vaccinated others, control cases, control others.
  const trials = [
    [4, 119, 11, 128],
    [6, 300, 29, 274],
    [3, 228, 11, 209],
    [62, 13536, 248, 12619],
    [33, 5036, 47, 5761],
    [180, 1361, 372, 1079],
    [8, 2537, 10, 619],
    [505, 87886, 499, 87892],
    [29, 7470, 45, 7232],
    [17, 1699, 65, 1600],
    [186, 50448, 141, 27197],
    [5, 2493, 3, 2338],
    [27, 16886, 29, 17825],
  ] as const;

  it('reproduces the BCG meta-analysis', () => {
    const effects = trials.map(([a, b, c, d]) => Math.log(a / (a + b) / (c / (c + d))));
    const variances = trials.map(([a, b, c, d]) => 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d));
    const result = derSimonianLaird(effects, variances);
    expect(result.estimate).toBeCloseTo(-0.7141, 4);
    expect(result.standardError).toBeCloseTo(0.1787, 4);
    expect(result.tau2).toBeCloseTo(0.3088, 4);
    expect(100 * result.i2).toBeCloseTo(92.12, 2);
    expect(result.q).toBeCloseTo(152.233, 3);
    expect(result.interval.lower).toBeCloseTo(-1.0644, 4);
    expect(result.interval.upper).toBeCloseTo(-0.3638, 4);
    expect(result.fixedEffect.estimate).toBeCloseTo(-0.4303, 4);
    expect(result.heterogeneityPValue).toBeLessThan(1e-25);
  });

  it('finds no variance between equal effects', () => {
    const result = derSimonianLaird([0.2, 0.2, 0.2], [0.1, 0.2, 0.3]);
    expect(result).toMatchObject({ tau2: 0, i2: 0 });
    expect(result.estimate).toBeCloseTo(0.2, 14);
    expect(derSimonianLaird([0.4], [0.1])).toMatchObject({
      estimate: 0.4,
      tau2: 0,
      df: 0,
      heterogeneityPValue: 1,
    });
  });

  it('rejects empty, uneven and impossible lists', () => {
    expect(() => derSimonianLaird([], [])).toThrow(RangeError);
    expect(() => derSimonianLaird([1, 2], [1])).toThrow(RangeError);
    expect(() => derSimonianLaird([1], [0])).toThrow(
      new RangeError('every variance must be a finite number > 0, got 0'),
    );
  });
});
