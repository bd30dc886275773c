import type { Experiment, Observation } from '../model/experiment';
import { seededRandom } from '../stats';

export interface ArmCounts {
  readonly successes: number;
  readonly n: number;
}

/**
 * Probabilities of Thompson sampling for binary outcomes, mixed with equal shares so that inference by propensities
 * stays possible: (1 - floor) P(best) + floor / arms, P(best) under Beta(1, 1) priors. Drawn with a fixed
 * seed, so that the same counts give the same probabilities on every machine.
 *
 * @param floor - share that goes to all arms alike, in (0, 1). `@defaultValue` .05
 * @throws RangeError for a floor outside of it
 */
export function thompsonPropensities(
  arms: readonly ArmCounts[],
  { floor = 0.05, draws = 400 }: { readonly floor?: number; readonly draws?: number } = {},
): number[] {
  if (!(floor > 0 && floor < 1)) throw new RangeError(`floor must be in (0, 1), got ${floor}`);
  const random = seededRandom(
    `thompson ${arms.map(({ n, successes }) => `${successes}/${n}`).join(' ')}`,
  );
  const wins = arms.map(() => 0);
  for (let draw = 0; draw < draws; draw += 1) {
    let best = 0;
    let largest = -1;
    arms.forEach(({ n, successes }, i) => {
      const x = gammaDraw(1 + successes, random);
      const value = x / (x + gammaDraw(1 + n - successes, random));
      if (value > largest) [best, largest] = [i, value];
    });
    wins[best] = (wins[best] ?? 0) + 1;
  }
  return wins.map((count) => floor / arms.length + (1 - floor) * (count / draws));
}

/** Shares that differ by less than this stay: each change is a row of the audit. */
const SMALLEST_CHANGE = 0.01;

/** The shares that the outcomes call for, rounded to a hundredth of a per cent; `null` where they are as they are. */
export function followOutcomes(
  { trafficSplit, rules, floor }: Experiment,
  observations: readonly Observation[],
): readonly number[] | null {
  const counts = rules.arms.map(({ name }) => {
    const values = observations.flatMap(({ arm, value }) => (arm === name ? (value ?? []) : []));
    return { n: values.length, successes: values.reduce((sum, value) => sum + value, 0) };
  });
  const wanted = thompsonPropensities(counts, { floor }).map((share) => Math.round(1e4 * share));
  const largest = wanted.indexOf(Math.max(...wanted));
  wanted[largest] = 1e4 - wanted.reduce((sum, share, i) => sum + (i === largest ? 0 : share), 0);
  const split = wanted.map((share) => share / 1e4);
  const change = Math.max(...split.map((share, i) => Math.abs(share - (trafficSplit[i] ?? 0))));
  return change < SMALLEST_CHANGE ? null : split;
}

/** Marsaglia and Tsang (2000), shape >= 1. */
function gammaDraw(shape: number, random: () => number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
  }
}

export interface WeightedOutcome {
  readonly arm: number;
  /** Of each arm at the time, as they were logged. */
  readonly propensities: readonly number[];
  /** 0..1. */
  readonly value: number;
  /** What the arm was expected to give, from earlier units; 0 where nothing is. */
  readonly predictions?: readonly number[];
}

/**
 * Mean of an arm from logged propensities: augmented inverse-propensity scores, whose average is unbiased
 * however the propensities followed from the past, with weights √propensity that even out their variance
 * (Hadad, Hirshberg, Zhan, Wager and Athey, PNAS 2021).
 */
export function armMeanByPropensity(
  outcomes: readonly WeightedOutcome[],
  arm: number,
): { readonly estimate: number; readonly standardError: number } {
  let weights = 0;
  let weighted = 0;
  const scores = outcomes.map((outcome) => {
    const propensity = outcome.propensities[arm] ?? NaN;
    const prediction = outcome.predictions?.[arm] ?? 0;
    const score =
      prediction + (outcome.arm === arm ? (outcome.value - prediction) / propensity : 0);
    const weight = Math.sqrt(propensity);
    weights += weight;
    weighted += weight * score;
    return { score, weight };
  });
  const estimate = weighted / weights;
  const variance = scores.reduce(
    (sum, { score, weight }) => sum + (weight * (score - estimate)) ** 2,
    0,
  );
  return { estimate, standardError: Math.sqrt(variance) / weights };
}
