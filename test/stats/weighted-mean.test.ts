import { seededRandom, weightedMean } from '../../src/stats';

test('by hand: one of weight 1 and ten that ten stand for', () => {
  const found = weightedMean([1, 0], [1, 10], 0.95);
  expect(found?.mean).toBeCloseTo(1 / 11, 12);
  // (1·10/11)² + (10·1/11)², over 11².
  expect(found?.standardError).toBeCloseTo(Math.sqrt(200 / 121) / 11, 12);
});

test('with equal weights it is Wilson, whatever the weight', () => {
  // Wilson (1927) for 40 of 100.
  const values = Array.from({ length: 100 }, (_, i) => (i < 40 ? 1 : 0));
  for (const weight of [1, 8]) {
    const found = weightedMean(
      values,
      values.map(() => weight),
      0.95,
    );
    expect(found?.interval.lower).toBeCloseTo(0.3094013, 6);
    expect(found?.interval.upper).toBeCloseTo(0.4979974, 6);
    expect(found?.nEffective).toBeCloseTo(100, 9);
  }
});

test('where classes were counted, what one class is alone costs nothing', () => {
  // 50 of 500 successes are here and all 500 failures: the share of 1,000 that ended is known.
  const values = [...Array<number>(50).fill(1), ...Array<number>(500).fill(0)];
  const weights = values.map((value) => (value === 1 ? 10 : 1));
  const found = weightedMean(values, weights, 0.95, values);
  expect(found?.mean).toBe(0.5);
  expect(found?.standardError).toBeCloseTo(Math.sqrt(0.25 / 1000), 12);
  expect(weightedMean(values, weights, 0.95)?.standardError).toBeGreaterThan(0.03);
});

test('all alike: the interval rests on the weights', () => {
  const found = weightedMean([1, 1, 1, 1], [1, 1, 1, 1], 0.95);
  expect(found).toMatchObject({ mean: 1, standardError: 0, nEffective: 4 });
  expect(found?.interval.upper).toBe(1);
  expect(found?.interval.lower).toBeCloseTo(0.5101, 4);
});

test('nothing, or nothing with a weight, has no mean', () => {
  expect(weightedMean([], [], 0.95)).toBeNull();
  expect(weightedMean([1], [0], 0.95)).toBeNull();
});

test('95 % intervals cover in .94 of 400 samples kept at unequal rates', () => {
  const random = seededRandom('weighted');
  let covered = 0;
  for (let s = 0; s < 400; s += 1) {
    const [values, weights]: [number[], number[]] = [[], []];
    for (let i = 0; i < 1_000; i += 1) {
      const value = random() < 0.6 ? 1 : 0;
      const rate = value === 1 ? 0.1 : 0.9;
      if (random() >= rate) continue;
      values.push(value);
      weights.push(1 / rate);
    }
    const found = weightedMean(values, weights, 0.95);
    if (found !== null && found.interval.lower <= 0.6 && found.interval.upper >= 0.6) covered += 1;
  }
  expect(covered).toBeGreaterThanOrEqual(371);
});
