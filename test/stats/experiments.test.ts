import {
  AssignmentEvidence,
  bestArm,
  betaPosterior,
  chiSquare2x2,
  clopperPearson,
  LogHistogram,
  momentsFromSums,
  relativeLift,
  SampleRatioProcess,
  sampleRatioEValue,
  seededRandom,
  welchTest,
} from '../../src/stats';

// Published answers: GrowthBook gbstats, Lindon and Malek, the Cookie Cats data set.

test('GrowthBook: Welch from sums, absolute and relative', () => {
  const a = momentsFromSums(3461, 2422.7, 134698.29);
  const b = momentsFromSums(3407, 1396.87, 52377.9767);
  const absolute = welchTest(a, b, 0.95);
  expect(absolute.estimate).toBeCloseTo(0.29, 5);
  expect(absolute.standardError).toBeCloseTo(0.12478, 5);
  expect(absolute.interval.lower).toBeCloseTo(0.04538, 5);
  expect(absolute.interval.upper).toBeCloseTo(0.53462, 5);
  expect(absolute.pValue).toBeCloseTo(0.02016, 5);
  const relative = relativeLift(a, b, 0.95);
  expect(relative.estimate).toBeCloseTo(0.70732, 4);
  expect(relative.interval.lower).toBeCloseTo(-0.03526, 4);
  expect(relative.interval.upper).toBeCloseTo(1.44989, 4);
  expect(relative.pValue).toBeCloseTo(0.06191, 4);
});

test('Cookie Cats: retention after one and seven days', () => {
  const [gate30, gate40] = [44_700, 45_489];
  const z = (kept30: number, kept40: number): number =>
    chiSquare2x2(
      { a: kept30, b: gate30 - kept30, c: kept40, d: gate40 - kept40 },
      { continuity: false },
    ).pValue;
  expect(z(20_034, 20_119)).toBeCloseTo(0.0744, 4);
  expect(z(8_502, 8_279)).toBeCloseTo(0.0016, 4);
});

describe('the sample ratio, unit by unit', () => {
  test('the published stream', () => {
    const process = new SampleRatioProcess(3, 3);
    const shares = [1 / 3, 1 / 3, 1 / 3];
    const stream = [0, 1, 0, 1, 2];
    // Prior (1, 1, 1): log M1, less what the plan of equal shares gives.
    const published = [-1.098612, -2.484907, -3.401197, -4.49981, -6.44572];
    stream.forEach((arm, i) => {
      process.add(arm, shares[arm]!);
      expect(process.logE - (i + 1) * Math.log(3)).toBeCloseTo(published[i]!, 5);
    });
  });

  test('agrees with the value from counts', () => {
    const random = seededRandom('ratio');
    const process = new SampleRatioProcess(2);
    for (let i = 0; i < 500; i += 1) {
      const arm = random() < 0.6 ? 0 : 1;
      process.add(arm, arm === 0 ? 0.7 : 0.3);
    }
    const fromCounts = sampleRatioEValue(process.counts, [0.7, 0.3]);
    expect(process.logE).toBeCloseTo(fromCounts.logEValue, 9);
  });
});

describe('evidence from assignments', () => {
  test('without an effect the e-value has mean 1, for any propensity', () => {
    const random = seededRandom('mean one');
    let sum = 0;
    const runs = 4_000;
    for (let run = 0; run < runs; run += 1) {
      const evidence = new AssignmentEvidence();
      for (let unit = 0; unit < 40; unit += 1) {
        const propensity = 0.2 + 0.6 * random();
        evidence.add(random() < propensity, propensity, random() < 0.3 ? 1 : random() * 0.5);
      }
      sum += Math.exp(evidence.logEBetter);
    }
    expect(sum / runs).toBeGreaterThan(0.9);
    expect(sum / runs).toBeLessThan(1.1);
  });

  test('drift that both arms share makes no evidence', () => {
    let claims = 0;
    for (let run = 0; run < 200; run += 1) {
      const random = seededRandom(`drift ${run}`);
      const evidence = new AssignmentEvidence();
      for (let unit = 0; unit < 1_000; unit += 1) {
        evidence.add(random() < 0.5, 0.5, random() < (unit < 500 ? 0.2 : 0.8) ? 1 : 0);
      }
      if (evidence.maxLogEBetter >= Math.log(20)) claims += 1;
    }
    expect(clopperPearson(claims, 200, 0.95).lower).toBeLessThanOrEqual(0.05);
    expect(claims).toBeLessThanOrEqual(20);
  });

  test('refuses values outside [0, 1] and propensities that are none', () => {
    const evidence = new AssignmentEvidence();
    expect(() => evidence.add(true, 0.5, 1.01)).toThrow(RangeError);
    expect(() => evidence.add(true, 1, 0.5)).toThrow(RangeError);
  });
});

describe('log histogram', () => {
  test('quantiles within 1 %, ranks as counted', () => {
    const random = seededRandom('histogram');
    const histogram = new LogHistogram();
    const values = Array.from({ length: 5_000 }, () => Math.exp(4 * random()));
    for (const value of values) histogram.add(value);
    values.sort((a, b) => a - b);
    for (const probability of [0.01, 0.5, 0.95, 1]) {
      const exact = values[Math.ceil(probability * values.length) - 1]!;
      expect(Math.abs(histogram.quantile(probability) / exact - 1)).toBeLessThan(0.01);
    }
    const below = values.filter((value) => value < 20).length / values.length;
    expect(histogram.midRank(20)).toBeCloseTo(below, 2);
  });
});

test('the best arm: closed form of two normals, and probabilities that sum to 1', () => {
  const [a, b] = bestArm([
    { mean: 0, deviation: 0.3 },
    { mean: 0.5, deviation: 0.4 },
  ]);
  // P(N(0.5, .25) > 0) = Φ(1).
  expect(b!.probability).toBeCloseTo(0.8413447, 6);
  expect(a!.probability + b!.probability).toBeCloseTo(1, 9);
  // E max = .5 Φ(1) + .5 φ(1).
  expect(a!.expectedLoss).toBeCloseTo(0.5 * 0.8413447 + 0.5 * 0.2419707, 6);
  expect(betaPosterior(3, 10).mean).toBeCloseTo(4 / 12, 12);
});
