import {
  asymptoticConfidenceSequence,
  bernoulliConfidenceInterval,
  betaBinomialLogMixture,
  betaBinomialMixtureBound,
  normalLogMixture,
  normalMixtureBound,
  normalMixtureRho,
  relativeLift,
  sampleRatioEValue,
  seededRandom,
  type Moments,
} from '../../src/stats';

// Expected values: confseq, test/uniform_boundaries_unittest.cpp (from an implementation in R).
describe('normal mixture', () => {
  const twoSided = { rho: normalMixtureRho(100, 0.05, false), oneSided: false };
  const oneSided = { rho: normalMixtureRho(100, 0.05, true), oneSided: true };

  it('reproduces confseq, two-sided', () => {
    expect(twoSided.rho).toBeCloseTo(12.60056, 5);
    expect(normalLogMixture(10, 100, twoSided)).toBeCloseTo(-0.6510052, 7);
    expect(normalMixtureBound(100, 0.05, twoSided)).toBeCloseTo(30.35209, 5);
  });

  it('reproduces confseq, one-sided', () => {
    expect(normalLogMixture(10, 100, oneSided)).toBeCloseTo(-0.06502391, 7);
    expect(normalMixtureBound(100, 0.05, oneSided)).toBeCloseTo(27.66071, 5);
  });

  it.each([twoSided, oneSided])('reaches 1/alpha exactly at its bound', (options) => {
    for (const v of [0, 3, 1000]) {
      const bound = normalMixtureBound(v, 0.01, options);
      expect(normalLogMixture(bound, v, options)).toBeCloseTo(Math.log(100), 9);
    }
  });

  it('rejects impossible times and levels', () => {
    expect(() => normalMixtureRho(100, 0.6, true)).toThrow(RangeError);
    expect(() => normalMixtureBound(-1, 0.05, twoSided)).toThrow(
      new RangeError('v must be a finite number >= 0, got -1'),
    );
    expect(() => normalLogMixture(NaN, 1, twoSided)).toThrow(RangeError);
  });
});

describe('beta-binomial mixture', () => {
  const tuning = { vOpt: 100, alphaOpt: 0.05, g: 0.2, h: 0.8 };

  it('reproduces confseq, two-sided and one-sided', () => {
    const twoSided = { ...tuning, oneSided: false };
    expect(betaBinomialLogMixture(10, 100, twoSided)).toBeCloseTo(-0.6941012, 7);
    expect(betaBinomialMixtureBound(100, 0.05, twoSided)).toBeCloseTo(31.4308, 4);
    const oneSided = { ...tuning, oneSided: true };
    expect(betaBinomialLogMixture(10, 100, oneSided)).toBeCloseTo(-0.07134019, 7);
    expect(betaBinomialMixtureBound(100, 0.05, oneSided)).toBeCloseTo(28.41238, 5);
    expect(betaBinomialMixtureBound(2 * 0.2 * 0.8, 0.05, oneSided)).toBeCloseTo(2 * 0.8, 12);
  });

  it.each([
    [700, 1000, 100, 0.651629, 0.745949],
    [15, 50, 50, 0.129556, 0.511896],
    [5, 50, 50, 0.013021, 0.269264],
    [1, 50, 50, 0, 0.13489],
    [1, 2, 50, 0, 1],
    [100, 200, 1, 0.328923, 0.671076],
    [0, 1, 50, 0, 1],
    [1, 1, 50, 0, 1],
  ])('interval of %d of %d, tOpt %d', (successes, trials, tOpt, lower, upper) => {
    const interval = bernoulliConfidenceInterval(successes, trials, { alpha: 0.05, tOpt });
    expect(Math.abs(interval.lower - lower)).toBeLessThan(1e-5);
    expect(Math.abs(interval.upper - upper)).toBeLessThan(1e-5);
  });

  it('rejects sums that cannot be', () => {
    expect(() => betaBinomialLogMixture(600, 100, { ...tuning, oneSided: false })).toThrow(
      RangeError,
    );
    expect(() => bernoulliConfidenceInterval(3, 2, { alpha: 0.05, tOpt: 10 })).toThrow(RangeError);
    expect(() => bernoulliConfidenceInterval(0, 0, { alpha: 0.05, tOpt: 10 })).toThrow(RangeError);
  });
});

describe('asymptoticConfidenceSequence', () => {
  const proportion = (successes: number, n: number): Moments => {
    const mean = successes / n;
    return { n, mean, m2: mean * (1 - mean) * (n - 1) };
  };

  it('reproduces GrowthBook, 1396/3000 against 2422/3461', () => {
    const lift = relativeLift(proportion(2422, 3461), proportion(1396, 3000), 0.95);
    expect(lift.estimate).toBeCloseTo(0.50386, 5);
    const interval = asymptoticConfidenceSequence(
      { ...lift, n: 6461 },
      { alpha: 0.05, plannedN: 5000 },
    );
    expect(interval.lower).toBeCloseTo(0.40098, 5);
    expect(interval.upper).toBeCloseTo(0.60675, 5);
  });

  it('rejects no units and no error', () => {
    const estimate = { estimate: 0, standardError: 1, n: 0 };
    expect(() => asymptoticConfidenceSequence(estimate, { alpha: 0.05, plannedN: 10 })).toThrow(
      RangeError,
    );
    expect(() =>
      asymptoticConfidenceSequence({ ...estimate, n: 5 }, { alpha: 0, plannedN: 10 }),
    ).toThrow(RangeError);
  });
});

describe('sampleRatioEValue', () => {
  it('reproduces the published one-hot stream', () => {
    const arms = [0, 1, 0, 1, 2];
    const expected = [-1.098612, -2.484907, -3.40119738, -4.49981, -6.44572];
    const counts = [0, 0, 0];
    arms.forEach((arm, i) => {
      counts[arm] = (counts[arm] ?? 0) + 1;
      const evidence = sampleRatioEValue(counts, [0.4, 0.4, 0.2], { prior: [1, 1, 1] });
      expect(evidence.logAlternative).toBeCloseTo(expected[i] ?? NaN, 6);
      if (i === 0) expect(evidence.logNull).toBeCloseTo(-0.916291, 6);
      if (i === 4) expect(evidence.logNull).toBeCloseTo(-5.274601, 5);
      expect(evidence.logEValue).toBe(evidence.logAlternative - evidence.logNull);
    });
  });

  it('is an e-value: its mean over all streams of 8 units is 1', () => {
    let mean = 0;
    for (let stream = 0; stream < 256; stream += 1) {
      const ones = stream.toString(2).replaceAll('0', '').length;
      const { logEValue, logNull } = sampleRatioEValue([ones, 8 - ones], [3, 2]);
      mean += Math.exp(logEValue + logNull);
    }
    expect(mean).toBeCloseTo(1, 12);
  });

  it('sees 45/55 within 4,000 units and leaves 50/50 alone', () => {
    const random = seededRandom('sample ratio');
    const reached = (share: number): boolean => {
      const counts = [0, 0];
      for (let i = 0; i < 4000; i += 1) {
        const arm = random() < share ? 0 : 1;
        counts[arm] = (counts[arm] ?? 0) + 1;
        if (sampleRatioEValue(counts, [1, 1]).logEValue > Math.log(1000)) return true;
      }
      return false;
    };
    expect([1, 2, 3, 4, 5].map(() => reached(0.45))).toEqual([true, true, true, true, true]);
    expect([1, 2, 3, 4, 5].map(() => reached(0.5))).toEqual([false, false, false, false, false]);
  });

  it('rejects arms that do not match', () => {
    expect(() => sampleRatioEValue([1, 2], [1, 1, 1])).toThrow(RangeError);
    expect(() => sampleRatioEValue([1, 2], [1, 0])).toThrow(
      new RangeError('every weight must be a finite number > 0, got 0'),
    );
    expect(() => sampleRatioEValue([1, -2], [1, 1])).toThrow(RangeError);
  });
});
