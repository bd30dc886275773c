import { momentsOf, seededRandom, stratifiedWelch, welchTest, type Moments } from '../../src/stats';

describe('stratifiedWelch', () => {
  const random = seededRandom('stratified welch');
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const sample = (n: number, mean: number, sd: number): Moments =>
    momentsOf(Array.from({ length: n }, () => mean + sd * normal()));

  it('with one stratum is the Welch test', () => {
    const [a, b] = [sample(12, 1, 1), sample(9, 0, 3)];
    const { estimate, standardError, df, statistic, pValue, interval } = stratifiedWelch(
      [{ withFeature: a, without: b }],
      0.9,
    );
    const expected = welchTest(a, b, 0.9);
    expect(estimate).toBeCloseTo(expected.estimate, 12);
    expect(standardError).toBeCloseTo(expected.standardError, 12);
    expect(df).toBeCloseTo(expected.df, 9);
    expect(statistic).toBeCloseTo(expected.statistic, 11);
    expect(pValue).toBeCloseTo(expected.pValue, 11);
    expect(interval?.lower).toBeCloseTo(expected.interval.lower, 10);
  });

  it('weighs strata by the inverse of their variance', () => {
    const stratum = (difference: number, variance: number) => ({
      withFeature: { n: 100, mean: difference, m2: variance * 100 * 99 },
      without: { n: 50, mean: 0, m2: 0 },
    });
    const result = stratifiedWelch([stratum(1, 1), stratum(4, 0.5)], 0.95);
    expect(result.estimate).toBeCloseTo(3, 12);
    const inflation = 1 + (2 * 4 * (1 / 3) * (2 / 3)) / 99;
    expect(result.standardError).toBeCloseTo(Math.sqrt(inflation / 3), 12);
    expect(result.df).toBeCloseTo(99 / (1 / 9 + 4 / 9), 9);
  });

  it('weighs strata by n1 n0 / n on request', () => {
    const stratum = (n: number, difference: number) => ({
      withFeature: { n, mean: difference, m2: n * (n - 1) },
      without: { n, mean: 0, m2: 0 },
    });
    const result = stratifiedWelch([stratum(10, 1), stratum(30, 5)], 0.95, 'mantel-haenszel');
    expect(result.estimate).toBeCloseTo(4, 12);
    expect(result.standardError).toBeCloseTo(Math.sqrt(1 / 16 + 9 / 16), 12);
    expect(result.df).toBeCloseTo((10 / 16) ** 2 / ((1 / 16) ** 2 / 9 + (9 / 16) ** 2 / 29), 9);
  });

  it('keeps its level with 60 tasks of 2 + 2 runs only by n1 n0 / n', () => {
    const rejected = { 'inverse-variance': 0, 'mantel-haenszel': 0 };
    for (let run = 0; run < 300; run += 1) {
      const strata = Array.from({ length: 60 }, (_, k) => ({
        withFeature: sample(2, k, 1),
        without: sample(2, k, 1),
      }));
      for (const weights of ['inverse-variance', 'mantel-haenszel'] as const) {
        const { pValue } = stratifiedWelch(strata, 0.95, weights);
        if (pValue !== null && pValue <= 0.05) rejected[weights] += 1;
      }
    }
    expect(rejected['mantel-haenszel']).toBeLessThanOrEqual(27);
    expect(rejected['mantel-haenszel']).toBeGreaterThanOrEqual(4);
    expect(rejected['inverse-variance']).toBeGreaterThan(60);
  });

  it('leaves out strata that cannot enter and says how many did', () => {
    const constant = { withFeature: momentsOf([1, 1]), without: momentsOf([0, 0]) };
    const lonely = { withFeature: momentsOf([1]), without: momentsOf([0, 3]) };
    const good = { withFeature: momentsOf([1, 2, 4]), without: momentsOf([0, 3, 1]) };
    expect(stratifiedWelch([constant, lonely, good], 0.95)).toMatchObject({
      strata: 3,
      informativeStrata: 1,
    });
    expect(stratifiedWelch([constant, lonely], 0.95)).toMatchObject({
      pValue: null,
      strata: 2,
      informativeStrata: 0,
    });
  });

  it('keeps its level with strata of 20 + 30 units of unequal spread', () => {
    let rejected = 0;
    for (let run = 0; run < 600; run += 1) {
      const strata = Array.from({ length: 8 }, (_, k) => ({
        withFeature: sample(20, k, 1 + k / 4),
        without: sample(30, k, 1),
      }));
      const { pValue } = stratifiedWelch(strata, 0.95);
      if (pValue !== null && pValue <= 0.05) rejected += 1;
    }
    expect(rejected).toBeLessThanOrEqual(48);
    expect(rejected).toBeGreaterThanOrEqual(13);
  });
});
