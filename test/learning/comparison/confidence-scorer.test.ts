import { ConfidenceScorer } from '../../../src/learning';
import { cmhIsAsymptotic, exactCmhPValue } from '../../../src/learning/comparison/exact-cmh';
import { meanScoreTest } from '../../../src/learning/comparison/mean-score-test';
import { cmhTest, fisherExact, momentsOf, seededRandom, type Table2x2 } from '../../../src/stats';

const scorer = new ConfidenceScorer();

/** UC Berkeley admissions 1973 by department: men and women, admitted and rejected. */
const ucbAdmissions: readonly Table2x2[] = [
  { a: 512, b: 313, c: 89, d: 19 },
  { a: 353, b: 207, c: 17, d: 8 },
  { a: 120, b: 205, c: 202, d: 391 },
  { a: 138, b: 279, c: 131, d: 244 },
  { a: 53, b: 138, c: 94, d: 299 },
  { a: 22, b: 351, c: 24, d: 317 },
];

test('UCBAdmissions: plain over all, gone within departments (Simpson)', () => {
  const crude = scorer.score({ outcome: 'binary', strata: [addUp(ucbAdmissions)] });
  expect(crude.test).toBe('chi_square');
  expect(crude.statistic).toBeCloseTo(92.205, 3);
  const within = scorer.score({ outcome: 'binary', strata: ucbAdmissions });
  expect(within).toMatchObject({ test: 'cmh', df: 1, nWith: 2691, nWithout: 1835, reason: null });
  expect(within.statistic).toBeCloseTo(1.5246, 4);
  expect(within.pValue).toBeCloseTo(0.2169, 4);
  expect(within.oddsRatio).toBeCloseTo(0.904697, 6);
  expect(within.strata).toEqual({ used: 6, informative: 6 });
});

test('one stratum: chi-square, and Fisher when an expected count is below 5', () => {
  const small = { a: 8, b: 17, c: 1, d: 34 };
  const score = scorer.score({ outcome: 'binary', strata: [small] });
  expect(score.test).toBe('fisher');
  expect(score.pValue).toBe(fisherExact(small).pValue);
  expect(score.effect?.estimate).toBeCloseTo(8 / 25 - 1 / 35, 12);
});

describe('strata too thin for the normal distribution get the exact one', () => {
  const thin: readonly Table2x2[] = [
    { a: 1, b: 0, c: 0, d: 9 },
    { a: 2, b: 1, c: 1, d: 6 },
    { a: 1, b: 1, c: 0, d: 4 },
  ];

  test('it is the convolution of the hypergeometric counts', () => {
    expect(cmhIsAsymptotic(thin)).toBe(false);
    expect(exactCmhPValue(thin)).toBeCloseTo(bruteForce(thin), 14);
  });

  test('of one stratum it is Fisher', () => {
    const table = { a: 3, b: 1, c: 1, d: 3 };
    expect(exactCmhPValue([table])).toBeCloseTo(0.4857142857, 10);
  });

  test('four rare hits in four strata are no 1e-9', () => {
    const rare = Array.from({ length: 4 }, () => ({ a: 1, b: 0, c: 0, d: 9 }));
    expect(exactCmhPValue(rare)).toBeCloseTo(1e-4, 12);
    const { pValue } = cmhTest(rare, { continuity: false });
    expect(pValue).toBeLessThan(1e-8);
    const padded = [...rare, { a: 20, b: 0, c: 20, d: 0 }];
    const score = scorer.score({ outcome: 'binary', strata: padded });
    expect(score).toMatchObject({ test: 'cmh_exact', statistic: null });
    expect(score.pValue).toBeCloseTo(1e-4, 12);
  });
});

describe('outcomes of any value', () => {
  test('for 0 and 1 the mean-score test is the CMH test', () => {
    const strata = ucbAdmissions.map(({ a, b, c, d }) => ({
      withFeature: { n: a + b, mean: a / (a + b), m2: (a * b) / (a + b) },
      without: { n: c + d, mean: c / (c + d), m2: (c * d) / (c + d) },
    }));
    const cmh = cmhTest(ucbAdmissions, { continuity: false });
    const test = meanScoreTest(strata, 0.95);
    expect(test.statistic).toBeCloseTo(cmh.statistic ?? NaN, 9);
    expect(test.estimate).toBeCloseTo(cmh.riskDifference?.estimate ?? NaN, 12);
  });

  test('strata of three runs, where no arm has a variance, still say something', () => {
    const random = seededRandom('triples');
    const strata = Array.from({ length: 80 }, () => {
      const level = random();
      const value = (shift: number): number => level * 0.5 + random() * 0.2 + shift;
      return { withFeature: momentsOf([value(0.2)]), without: momentsOf([value(0), value(0)]) };
    });
    const score = scorer.score({ outcome: 'continuous', strata });
    expect(score.test).toBe('mean_score');
    expect(score.pValue).toBeLessThan(1e-6);
    expect(score.effect?.estimate).toBeCloseTo(0.2, 1);
    expect(score.interval?.lower).toBeLessThan(0.2);
    expect(score.interval?.upper).toBeGreaterThan(0.2);
  });

  test('its size holds with small arms and values near the bound', () => {
    const random = seededRandom('size');
    const trials = 2_000;
    let rejected = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const strata = [0.1, 0.4, 0.9].map((p) => {
        const draw = (n: number) =>
          momentsOf(Array.from({ length: n }, () => boundedValue(p, random)));
        return { withFeature: draw(10), without: draw(40) };
      });
      if (scorer.score({ outcome: 'continuous', strata }).pValue < 0.01) rejected += 1;
    }
    // 20 expected; .9999 of Poisson(20) lies below 40.
    expect(rejected).toBeLessThan(40);
    expect(rejected).toBeGreaterThan(5);
  });
});

describe('what cannot be tested has p = 1 and says why', () => {
  test('fewer than 20 on a side', () => {
    const score = scorer.score({ outcome: 'binary', strata: [{ a: 15, b: 4, c: 40, d: 60 }] });
    expect(score).toMatchObject({ test: 'none', pValue: 1, statistic: null, nWith: 19 });
    expect(score.reason).toMatch(
      /^not enough evidence: 19 runs with, 100 without; need about \d+ more$/,
    );
  });

  test('no stratum with both sides and both outcomes', () => {
    const strata = [
      { a: 30, b: 10, c: 0, d: 0 },
      { a: 0, b: 0, c: 10, d: 30 },
      { a: 5, b: 0, c: 5, d: 0 },
    ];
    const score = scorer.score({ outcome: 'binary', strata });
    expect(score).toMatchObject({ pValue: 1, strata: { used: 3, informative: 0 } });
    expect(score.reason).toMatch(/no stratum/);
  });

  test('nothing at all', () => {
    expect(scorer.score({ outcome: 'continuous', strata: [] })).toMatchObject({
      pValue: 1,
      effect: null,
      nWith: 0,
    });
  });
});

function addUp(tables: readonly Table2x2[]): Table2x2 {
  return tables.reduce((sum, { a, b, c, d }) => ({
    a: sum.a + a,
    b: sum.b + b,
    c: sum.c + c,
    d: sum.d + d,
  }));
}

function boundedValue(p: number, random: () => number): number {
  if (random() < 0.5) return random() < p ? 1 : 0;
  return Math.min(1, Math.max(0, p + 0.3 * (random() + random() - 1)));
}

/** All ways to place the successes of every stratum, each equally likely. */
function bruteForce(strata: readonly Table2x2[]): number {
  let sums = new Map([[0, 1]]);
  for (const { a, b, c, d } of strata) {
    const n = a + b + c + d;
    const next = new Map<number, number>();
    let ways = 0;
    const counts = new Map<number, number>();
    for (let mask = 0; mask < 2 ** n; mask += 1) {
      const placed = Array.from({ length: n }, (_, i) => (mask >> i) & 1);
      if (placed.reduce((sum, bit) => sum + bit, 0) !== a + c) continue;
      const hits = placed.slice(0, a + b).reduce((sum, bit) => sum + bit, 0);
      counts.set(hits, (counts.get(hits) ?? 0) + 1);
      ways += 1;
    }
    for (const [sum, p] of sums) {
      for (const [hits, count] of counts) {
        next.set(sum + hits, (next.get(sum + hits) ?? 0) + (p * count) / ways);
      }
    }
    sums = next;
  }
  const observed = sums.get(strata.reduce((sum, { a }) => sum + a, 0)) ?? 0;
  return [...sums.values()].filter((p) => p <= observed * (1 + 1e-7)).reduce((x, y) => x + y, 0);
}
