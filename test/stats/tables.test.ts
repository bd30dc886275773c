import fc from 'fast-check';
import {
  breslowDay,
  chiSquare2x2,
  chiSquareSf,
  cmhTest,
  fisherExact,
  mcnemarExact,
  phiCoefficient,
  seededRandom,
  type CmhTest,
  type Table2x2,
} from '../../src/stats';
import { relativeError } from './relative-error';

const table = (a: number, b: number, c: number, d: number): Table2x2 => ({ a, b, c, d });
const runs = { numRuns: 100, seed: 20260102 };
const cell = fc.integer({ min: 0, max: 40 });
const anyTable = fc.record({ a: cell, b: cell, c: cell, d: cell });

// R datasets::UCBAdmissions: male admitted, rejected, female admitted, rejected.
const ucbAdmissions = [
  table(512, 313, 89, 19),
  table(353, 207, 17, 8),
  table(120, 205, 202, 391),
  table(138, 279, 131, 244),
  table(53, 138, 94, 299),
  table(22, 351, 24, 317),
];

// statsmodels test_contingency_tables.py, TestStratified1 and 2, computed with R and DescTools.
const stratified1 = [
  table(0, 0, 6, 5),
  table(3, 0, 3, 6),
  table(6, 2, 0, 4),
  table(5, 6, 1, 0),
  table(2, 5, 0, 0),
];
const stratified2 = [
  table(20, 14, 10, 24),
  table(15, 12, 3, 15),
  table(3, 2, 3, 2),
  table(12, 3, 7, 5),
  table(1, 0, 3, 2),
];

function informative(strata: readonly Table2x2[], continuity: boolean): CmhTest {
  const result = cmhTest(strata, { continuity });
  if (result.pValue === null) throw new Error('expected an informative stratum');
  return result;
}

describe('UCBAdmissions (Simpson)', () => {
  const crude = ucbAdmissions.reduce((sum, t) =>
    table(sum.a + t.a, sum.b + t.b, sum.c + t.c, sum.d + t.d),
  );

  it('is confounded when pooled', () => {
    expect(fisherExact(crude).oddsRatio).toBeCloseTo(1.84108, 5);
    expect(chiSquare2x2(crude, { continuity: false }).statistic).toBeCloseTo(92.205, 3);
    expect(chiSquare2x2(crude, { continuity: true }).statistic).toBeCloseTo(91.61, 3);
  });

  it('shows nothing within departments', () => {
    const plain = informative(ucbAdmissions, false);
    expect(plain.statistic).toBeCloseTo(1.5246, 4);
    expect(plain.pValue).toBeCloseTo(0.2169, 4);
    const corrected = informative(ucbAdmissions, true);
    expect(corrected.statistic).toBeCloseTo(1.42695, 5);
    expect(corrected.pValue).toBeCloseTo(0.23226, 5);
    expect(corrected.oddsRatio).toBeCloseTo(0.904697, 6);
    expect(corrected.informativeStrata).toBe(6);
  });

  it('differs between departments, in the copy that statsmodels tests (D is one off)', () => {
    const copy = ucbAdmissions.map((t, i) => (i === 3 ? table(139, 278, 131, 244) : t));
    const cmh = informative(copy, true);
    expect(cmh.statistic).toBeCloseTo(1.3368, 4);
    expect(1 / (cmh.oddsRatio ?? NaN)).toBeCloseTo(1.101879, 6);
    const result = breslowDay(copy);
    expect(result.statistic).toBeCloseTo(18.83297, 3);
    expect(result.pValue).toBeCloseTo(0.002064786, 6);
  });
});

describe("R's mantelhaen.test and DescTools' BreslowDayTest", () => {
  it('reproduces the five sparse strata', () => {
    const result = informative(stratified1, true);
    expect(result.oddsRatio).toBeCloseTo(7, 12);
    expect(result.statistic).toBeCloseTo(3.9286, 4);
    expect(result.pValue).toBeCloseTo(0.04747, 5);
    expect(result.oddsRatioInterval?.lower).toBeCloseTo(1.026713, 6);
    expect(result.oddsRatioInterval?.upper).toBeCloseTo(47.725133, 6);
    expect(result.strata).toBe(5);
    expect(result.informativeStrata).toBe(3);
  });

  it('reproduces the five fuller strata', () => {
    const result = informative(stratified2, true);
    expect(result.oddsRatio).toBeCloseTo(3.5912, 4);
    expect(result.statistic).toBeCloseTo(11.8852, 4);
    expect(result.pValue).toBeCloseTo(0.0005658, 7);
    expect(result.oddsRatioInterval?.lower).toBeCloseTo(1.781135, 6);
    expect(result.oddsRatioInterval?.upper).toBeCloseTo(7.240633, 6);
  });

  it('reproduces Breslow-Day without and with Tarone', () => {
    const plain = breslowDay(stratified2);
    expect(plain.statistic).toBeCloseTo(1.8438, 4);
    expect(plain.df).toBe(4);
    expect(plain.pValue).toBeCloseTo(0.7645, 4);
    expect(breslowDay(stratified2, { tarone: true }).statistic).toBeCloseTo(1.8436, 4);
  });
});

describe('cmhTest', () => {
  it('says so when no stratum is informative', () => {
    const result = cmhTest([table(3, 0, 2, 0), table(1, 4, 0, 0)], { continuity: true });
    expect(result).toMatchObject({
      pValue: null,
      statistic: null,
      strata: 2,
      informativeStrata: 0,
    });
    expect(cmhTest([], { continuity: false }).pValue).toBeNull();
  });

  it('has statistic 0 and p 1 when the difference is below the correction', () => {
    const result = informative([table(2, 2, 2, 3)], true);
    expect(result.statistic).toBe(0);
    expect(result.pValue).toBe(1);
  });

  it('gives odds ratio 0 for an empty numerator and null for an empty denominator', () => {
    expect(informative([table(0, 3, 4, 2)], false)).toMatchObject({
      oddsRatio: 0,
      oddsRatioInterval: null,
    });
    expect(informative([table(3, 0, 2, 4)], false)).toMatchObject({
      oddsRatio: null,
      oddsRatioInterval: null,
    });
  });

  it('keeps a log p-value where the p-value underflows', () => {
    const result = informative([table(5000, 0, 0, 5000)], false);
    expect(result.pValue).toBe(0);
    expect(result.logPValue).toBeLessThan(-4900);
    expect(result.logPValue).toBeGreaterThan(-5100);
  });

  it('with one balanced stratum has the Wald error of a difference of proportions', () => {
    const { riskDifference } = informative([table(30, 20, 12, 38)], false);
    expect(riskDifference.estimate).toBeCloseTo(0.36, 14);
    const wald = Math.sqrt((0.6 * 0.4 + 0.24 * 0.76) / 50);
    expect(relativeError(riskDifference.standardError, wald)).toBeLessThan(1e-13);
  });

  it("has Sato's variance equal to the true one over all tables of 3 + 2 units", () => {
    // Success shares 3/4 and 1/4: every table occurs a whole number of times in 4^5 strata.
    const counts = (n: number, k: number, weight: number): number =>
      ([1, n, n === 3 ? 3 : 1, 1][k] ?? NaN) * weight;
    const strata: Table2x2[] = [];
    for (let a = 0; a <= 3; a += 1) {
      for (let c = 0; c <= 2; c += 1) {
        const times = counts(3, a, 3 ** a) * counts(2, c, 3 ** (2 - c));
        for (let i = 0; i < times; i += 1) strata.push(table(a, 3 - a, c, 2 - c));
      }
    }
    expect(strata).toHaveLength(1024);
    const { riskDifference } = informative(strata, false);
    expect(riskDifference.estimate).toBeCloseTo(0.5, 13);
    const perStratum = (2 ** 2 * 3 * (3 / 16) + 3 ** 2 * 2 * (3 / 16)) / 5 ** 2;
    const expected = Math.sqrt(1024 * perStratum) / (1024 * (6 / 5));
    expect(relativeError(riskDifference.standardError, expected)).toBeLessThan(1e-12);
  });

  it('covers the true risk difference over many small strata', () => {
    const random = seededRandom('sato coverage');
    const draw = (n: number, p: number): number =>
      Array.from({ length: n }, () => (random() < p ? 1 : 0) as number).reduce((x, y) => x + y, 0);
    let covered = 0;
    for (let run = 0; run < 400; run += 1) {
      const strata = Array.from({ length: 60 }, () => {
        const base = 0.1 + 0.6 * random();
        const a = draw(3, base + 0.2);
        const c = draw(2, base);
        return table(a, 3 - a, c, 2 - c);
      });
      const { interval } = informative(strata, true).riskDifference;
      if (interval.lower <= 0.2 && 0.2 <= interval.upper) covered += 1;
    }
    expect(covered / 400).toBeGreaterThan(0.92);
    expect(covered / 400).toBeLessThan(0.98);
  });

  it('keeps its statistic and inverts its odds ratio when rows are swapped', () => {
    fc.assert(
      fc.property(
        fc.array(anyTable, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (strata, continuity) => {
          const swapped = strata.map(({ a, b, c, d }) => table(c, d, a, b));
          const first = cmhTest(strata, { continuity });
          const second = cmhTest(swapped, { continuity });
          fc.pre(first.pValue !== null && second.pValue !== null);
          expect(Math.abs(first.statistic - second.statistic)).toBeLessThan(1e-9);
          expect(first.riskDifference.estimate).toBeCloseTo(-second.riskDifference.estimate, 10);
          if (first.oddsRatio !== null && second.oddsRatio !== null) {
            expect(first.oddsRatio * second.oddsRatio).toBeCloseTo(
              first.oddsRatio === 0 ? 0 : 1,
              10,
            );
          }
        },
      ),
      runs,
    );
  });

  it('rejects counts that are not counts', () => {
    const call = (): unknown => cmhTest([table(1, -2, 3, 4)], { continuity: true });
    expect(call).toThrow(new RangeError('b must be an integer count >= 0, got -2'));
    expect(() => cmhTest([table(1, 2, NaN, 4)], { continuity: true })).toThrow(RangeError);
    expect(() => cmhTest([], { continuity: true, level: 1 })).toThrow(RangeError);
  });
});

describe('chiSquare2x2, mcnemarExact, phiCoefficient', () => {
  it('reproduces Cookie Cats (90,189 users)', () => {
    const day1 = chiSquare2x2(table(20034, 44700 - 20034, 20119, 45489 - 20119), {
      continuity: false,
    });
    expect(day1.pValue).toBeCloseTo(0.0744, 4);
    const day7 = chiSquare2x2(table(8502, 44700 - 8502, 8279, 45489 - 8279), { continuity: false });
    expect(day7.pValue).toBeCloseTo(0.0016, 4);
    const expected = 90189 / 2;
    const sampleRatio = (2 * (44700 - expected) ** 2) / expected;
    expect(chiSquareSf(sampleRatio, 1)).toBeCloseTo(0.0086, 4);
  });

  it('reproduces tau2 telecom, gpt-4.1 against fine-tuned', () => {
    expect(fisherExact(table(18, 22, 30, 10)).pValue).toBeCloseTo(0.0115, 4);
    expect(mcnemarExact(0, 12)).toBeCloseTo(0.00049, 5);
  });

  it('has no McNemar evidence without discordant pairs', () => {
    expect(mcnemarExact(0, 0)).toBe(1);
    expect(mcnemarExact(4, 4)).toBe(1);
  });

  it('relates phi to chi-square', () => {
    fc.assert(
      fc.property(anyTable, (t) => {
        const phi = phiCoefficient(t);
        const { statistic, pValue } = chiSquare2x2(t, { continuity: false });
        if (phi === null) expect(pValue).toBe(1);
        else expect((t.a + t.b + t.c + t.d) * phi * phi).toBeCloseTo(statistic, 9);
      }),
      runs,
    );
    expect(phiCoefficient(table(5, 0, 0, 7))).toBeCloseTo(1, 15);
    expect(phiCoefficient(table(0, 5, 7, 0))).toBeCloseTo(-1, 15);
  });
});
