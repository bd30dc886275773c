import fc from 'fast-check';
import {
  benjaminiHochberg,
  benjaminiHochbergRejections,
  clopperPearson,
  binomialLowerTail,
  binomialUpperTail,
  requiredSampleSizeTwoProportions,
  wilsonInterval,
} from '../../src/stats';

const runs = { numRuns: 100, seed: 20260104 };
const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

describe('benjaminiHochberg', () => {
  it('reproduces the 15 p-values of Benjamini and Hochberg (1995)', () => {
    const p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
      0.6528, 0.759, 1.0,
    ];
    const rejections = benjaminiHochbergRejections(p, 0.05);
    expect(rejections.filter(Boolean)).toHaveLength(4);
    expect(rejections.slice(0, 4)).toEqual([true, true, true, true]);
    expect(benjaminiHochberg(p)[3]).toBeCloseTo((0.0095 * 15) / 4, 12);
  });

  it('is monotone in p, at least p, at most 1 and blind to the order', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const q = benjaminiHochberg(p);
        expect(q).toHaveLength(p.length);
        const pairs = p
          .map((value, i) => [value, q[i] ?? NaN] as const)
          .sort((x, y) => x[0] - y[0]);
        pairs.forEach(([value, adjusted], i) => {
          expect(adjusted).toBeGreaterThanOrEqual(value * (1 - 1e-15));
          expect(adjusted).toBeLessThanOrEqual(1);
          expect(adjusted).toBeGreaterThanOrEqual(pairs[i - 1]?.[1] ?? 0);
        });
        expect(benjaminiHochberg([...p].reverse())).toEqual([...q].reverse());
      }),
      runs,
    );
  });

  it('equals the step-up definition', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const sorted = [...p].sort((x, y) => x - y);
        const last = sorted.reduce(
          (k, value, i) => (value <= ((i + 1) * 0.1) / p.length ? i + 1 : k),
          0,
        );
        expect(benjaminiHochbergRejections(p, 0.1).filter(Boolean)).toHaveLength(last);
      }),
      runs,
    );
  });

  it('counts ranks in a part and takes m from the whole family', () => {
    const q = benjaminiHochberg([0.001, 0.03, 0.004], 10);
    [0.01, 0.1, 0.02].forEach((expected, i) => expect(q[i]).toBeCloseTo(expected, 12));
    expect(() => benjaminiHochberg([0.1, 0.2], 1)).toThrow(
      new RangeError('familySize must be at least the 2 p-values given, got 1'),
    );
  });

  it('rejects what is not a probability', () => {
    expect(() => benjaminiHochberg([0.1, 1.5])).toThrow(
      new RangeError('every p-value must be a probability in [0, 1], got 1.5'),
    );
    expect(() => benjaminiHochbergRejections([0.1], 0)).toThrow(RangeError);
    expect(benjaminiHochberg([])).toEqual([]);
  });
});

describe('intervals of a proportion', () => {
  it('reproduces the rule of three, exactly', () => {
    const { lower, upper } = clopperPearson(0, 30, 0.95);
    expect(lower).toBe(0);
    expect(upper).toBeCloseTo(1 - 0.025 ** (1 / 30), 13);
    expect(clopperPearson(30, 30, 0.95).lower).toBeCloseTo(0.025 ** (1 / 30), 13);
    expect(clopperPearson(0, 1e9, 0.95).upper / -Math.expm1(Math.log(0.025) / 1e9)).toBeCloseTo(
      1,
      9,
    );
  });

  it("reproduces R's binom.test(682, 925) and prop.test(83, 86, correct = FALSE)", () => {
    const exact = clopperPearson(682, 925, 0.95);
    expect(exact.lower).toBeCloseTo(0.7076683, 7);
    expect(exact.upper).toBeCloseTo(0.7654066, 7);
  });

  it('Clopper-Pearson leaves half of the error in each tail', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const k = Math.max(1, Math.min(n - 1, Math.floor(share * n)));
          const { lower, upper } = clopperPearson(k, n, 0.9);
          expect(binomialUpperTail(k, n, lower)).toBeCloseTo(0.05, 10);
          expect(binomialLowerTail(k, n, upper)).toBeCloseTo(0.05, 10);
        },
      ),
      runs,
    );
  });

  it('Wilson bounds solve the score equation', () => {
    const { lower, upper } = wilsonInterval(7, 20, 0.95);
    for (const p of [lower, upper]) {
      expect(Math.abs(0.35 - p) / Math.sqrt((p * (1 - p)) / 20)).toBeCloseTo(1.959963984540054, 10);
    }
    expect(wilsonInterval(0, 20, 0.95).lower).toBe(0);
    expect(wilsonInterval(20, 20, 0.95).upper).toBe(1);
    expect(wilsonInterval(0, 0, 0.95)).toEqual({ lower: 0, upper: 1 });
  });

  it('rejects bad counts and levels', () => {
    expect(() => clopperPearson(4, 3, 0.95)).toThrow(
      new RangeError('k must be at most n = 3, got 4'),
    );
    expect(() => clopperPearson(-1, 3, 0.95)).toThrow(RangeError);
    expect(() => wilsonInterval(1, 3, 95)).toThrow(RangeError);
  });
});

describe('requiredSampleSizeTwoProportions', () => {
  it("reproduces R's power.prop.test(p1 = .5, p2 = .75, power = .9), n = 76.7", () => {
    expect(requiredSampleSizeTwoProportions(0.5, 0.75, 0.05, 0.9)).toBe(77);
    expect(requiredSampleSizeTwoProportions(0.75, 0.5, 0.05, 0.9)).toBe(77);
  });

  it('rejects equal and impossible shares', () => {
    expect(() => requiredSampleSizeTwoProportions(0.5, 0.5, 0.05, 0.9)).toThrow(RangeError);
    expect(() => requiredSampleSizeTwoProportions(0.5, 1.5, 0.05, 0.9)).toThrow(RangeError);
  });
});
