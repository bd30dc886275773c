import { normalSf } from './normal';

/** Normal approximation of what is believed about one arm's mean. */
export interface Posterior {
  readonly mean: number;
  /** > 0. */
  readonly deviation: number;
}

/** Beta(1 + successes, 1 + failures), by its mean and deviation. */
export function betaPosterior(successes: number, n: number): Posterior {
  const a = 1 + successes;
  const b = 1 + n - successes;
  return { mean: a / (a + b), deviation: Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1))) };
}

/**
 * Probability that each arm's mean is the largest, and the expected loss of choosing it, the mean of
 * (largest - its own) in the unit of the values. Arms are independent; the one integral per arm is summed by
 * the trapezoidal rule over ±8 deviations, which for smooth decaying integrands is exact to many digits.
 */
export function bestArm(
  arms: readonly Posterior[],
): readonly { readonly probability: number; readonly expectedLoss: number }[] {
  const probabilities = arms.map(() => 0);
  let largest = 0;
  arms.forEach((arm, i) => {
    for (let step = -STEPS; step <= STEPS; step += 1) {
      const z = (8 * step) / STEPS;
      const x = arm.mean + z * arm.deviation;
      let weight = ((8 / STEPS) * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
      arms.forEach((other, j) => {
        if (j !== i) weight *= normalSf((other.mean - x) / other.deviation);
      });
      probabilities[i] = (probabilities[i] ?? 0) + weight;
      largest += weight * x;
    }
  });
  return arms.map(({ mean }, i) => ({
    probability: probabilities[i] ?? 0,
    expectedLoss: Math.max(0, largest - mean),
  }));
}

const STEPS = 400;
