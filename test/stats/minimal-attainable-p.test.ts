import {
  exchangeableValues,
  fisherExact,
  minimalAttainableP,
  seededRandom,
  taroneBar,
} from '../../src/stats';

function leastOf(
  values: readonly number[],
  withFeature: readonly boolean[],
  groups?: readonly number[],
): number {
  const groupOf = Int32Array.from(groups ?? values.map(() => 0));
  return minimalAttainableP(exchangeableValues(values, groupOf), (i) => withFeature[i] === true);
}

const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

test('the lady tasting tea could at best have shown 2/70', () => {
  const found = leastOf([...times(4, 1), ...times(4, 0)], [...times(4, true), ...times(4, false)]);
  expect(found).toBeCloseTo(2 / 70, 12);
});

test("Fisher's convictions: 13 of 86,493,225 ways", () => {
  // 12 of 30 twins were monozygotic, 13 of them convicted: had all twelve been, C(13, 12) of C(30, 12) ways.
  const found = leastOf(
    [...times(13, 1), ...times(17, 0)],
    [...times(12, true), ...times(18, false)],
  );
  expect(found).toBeCloseTo(13 / 86_493_225, 15);
  expect(found).toBeCloseTo(fisherExact({ a: 12, b: 0, c: 1, d: 17 }).pValue, 15);
});

test('over groups it is the product; groups without variation say nothing', () => {
  const values = [1, 1, 0, 0, 1, 0, 1, 1];
  const has = [true, false, true, false, true, false, true, false];
  const groups = [0, 0, 0, 0, 1, 1, 2, 2];
  // 1/C(4,2) · 1/2 · 1, at both ends.
  expect(leastOf(values, has, groups)).toBeCloseTo(2 / 12, 12);
});

test('outcomes of any value: of the ways to deal them, ties in any order', () => {
  // {.9, .5, .5, .1}, two with it: the top is .9 and one of two .5: 2 of 6; so is the bottom.
  expect(leastOf([0.9, 0.5, 0.5, 0.1], [true, true, false, false])).toBeCloseTo(4 / 6, 12);
  expect(leastOf([0.9, 0.6, 0.5, 0.1], [true, true, false, false])).toBeCloseTo(2 / 6, 12);
});

test('no arrangement of 200 random tables gives less by Fisher', () => {
  const random = seededRandom('attainable');
  for (let t = 0; t < 200; t += 1) {
    const n = 4 + Math.floor(20 * random());
    const successes = 1 + Math.floor((n - 1) * random());
    const withIt = 1 + Math.floor((n - 1) * random());
    let least = 1;
    for (let a = Math.max(0, withIt + successes - n); a <= Math.min(withIt, successes); a += 1) {
      const b = withIt - a;
      const c = successes - a;
      least = Math.min(least, fisherExact({ a, b, c, d: n - withIt - c }).pValue);
    }
    const found = leastOf(
      [...times(successes, 1), ...times(n - successes, 0)],
      Array.from({ length: n }, (_, i) => i < withIt),
    );
    expect(found).toBeCloseTo(least, 10);
  }
});

describe("Tarone's bar", () => {
  test('counts only what can reach it', () => {
    // At .05/3 three can still be significant, and the other seven never.
    const minimal = [1e-6, 1e-5, 0.01, ...times(7, 0.03)];
    expect(taroneBar(minimal, 0.05)).toBeCloseTo(0.05 / 3, 12);
  });

  test('is Bonferroni where all can', () => {
    expect(taroneBar(times(20, 1e-9), 0.05)).toBeCloseTo(0.05 / 20, 12);
  });

  test('what counts in any case is added', () => {
    expect(taroneBar([1e-6, 0.01, 0.04], 0.05, 3)).toBeCloseTo(0.05 / 5, 12);
  });

  test('of nothing it is the level', () => {
    expect(taroneBar([], 0.05)).toBe(0.05);
  });
});
