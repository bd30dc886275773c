import { decide } from '../../src/experiments';
import type { Observation } from '../../src/model/experiment';
import { normalSf, seededRandom } from '../../src/stats';

const arms = [
  { name: 'control', share: 0.5 },
  { name: 'treatment', share: 0.5 },
];

/** `ones` of `n` each, spread over the stream. */
function counts(control: [number, number], treatment: [number, number]): Observation[] {
  const of = (arm: string, [ones, n]: [number, number]): Observation[] =>
    Array.from({ length: n }, (_, i) => ({
      unit: `${arm} ${i}`,
      arm,
      value: (7 * i) % n < ones ? 1 : 0,
    }));
  const [a, b] = [of('control', control), of('treatment', treatment)];
  return a.flatMap((one, i) => [one, ...(b[i] === undefined ? [] : [b[i]])]);
}

test('what is probably better is named where nothing is proven, with the probability of the formula', () => {
  const { decision, winner, likely } = decide(counts([25, 50], [32, 50]), { arms });
  expect([decision, winner, likely?.name]).toEqual(['continue', null, 'treatment']);
  // One context, so that what is taken off cancels; the prior's deviation is .15.
  const noise = ((25 * 0.5 + 32 * 0.36) / 98) * (2 / 50);
  const weight = 0.15 ** 2 / (0.15 ** 2 + noise);
  expect(likely!.probability).toBeCloseTo(
    normalSf((-weight * 0.14) / Math.sqrt(weight * noise)),
    10,
  );
});

test('the cap says whom to choose, and that it is no proof', () => {
  const decision = decide(counts([25, 50], [32, 50]), { arms, cap: 100, minimumUnitsPerArm: 20 });
  expect(decision).toMatchObject({ decision: 'no_decision', winner: null });
  expect(decision.reason).toMatch(
    /^100 units, the cap, and neither is shown to be better; who must choose: treatment is probably better than control \(0\.88\), which is not proven$/,
  );
});

test.each([
  ['a difference that is nothing', counts([25, 50], [26, 50])],
  ['one that is worse', counts([32, 50], [25, 50])],
  ['no outcome under control', counts([0, 0], [5, 5])],
  ['values that are all the same', counts([50, 50], [50, 50])],
  ['nothing at all', []],
])('nobody is named for %s', (_, observations) => {
  expect(decide(observations, { arms }).likely).toBeNull();
});

test('who has won, or whose shares were changed on the way, is not named', () => {
  expect(decide(counts([20, 300], [200, 300]), { arms })).toMatchObject({
    decision: 'ship',
    likely: null,
  });
  const moved = counts([25, 50], [32, 50]).map((one, i) => ({
    ...one,
    propensities: i < 50 ? { control: 0.5, treatment: 0.5 } : { control: 0.4, treatment: 0.6 },
  }));
  expect(decide(moved, { arms }).likely).toBeNull();
});

test('what the contexts explain is no noise', () => {
  const random = seededRandom('contexts');
  const observations = Array.from({ length: 300 }, (_, i): Observation => {
    const hard = i % 2 === 0;
    const treated = i % 4 < 2;
    const value = random() < (hard ? 0.05 : 0.9) + (treated ? 0.05 : 0) ? 1 : 0;
    const arm = treated ? 'treatment' : 'control';
    return { unit: `${i}`, arm, value, context: hard ? 'hard' : 'easy' };
  });
  const withoutContext = observations.map((one) => ({ ...one, context: null }));
  const known = decide(observations, { arms }).likely;
  const unknown = decide(withoutContext, { arms }).likely;
  expect(known!.probability).toBeGreaterThan((unknown?.probability ?? 0.8) + 0.02);
});
