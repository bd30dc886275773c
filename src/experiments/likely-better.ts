import type { Decision } from '../model/experiment';
import { addValue, emptyMoments, mergeMoments, normalSf, type Moments } from '../stats';

/**
 * Who must choose although nothing is proven: the arm with the largest posterior mean of the difference to control,
 * among those that are better with a probability of {@link LEAST_PROBABILITY} at least. Values are compared after the
 * mean of their context is taken off (shrunken towards that of all), and differences are believed a priori to be
 * around 0 with a deviation of {@link PRIOR_DEVIATION}. It bounds no error, and no decision rests on it.
 */
export class LikelyBetter {
  readonly #arms: readonly string[];
  /** Moments by arm, per context. */
  readonly #contexts = new Map<string, Moments[]>();

  constructor(arms: readonly string[]) {
    this.#arms = arms;
  }

  add(arm: number, value: number, context: string): void {
    let own = this.#contexts.get(context);
    if (own === undefined) {
      own = this.#arms.map(() => emptyMoments());
      this.#contexts.set(context, own);
    }
    own[arm] = addValue(own[arm] ?? emptyMoments(), value);
  }

  choice(): Decision['likely'] {
    const arms = this.#residuals();
    const [control] = arms;
    const n = arms.reduce((sum, arm) => sum + arm.n, 0);
    if (control === undefined || control.n === 0 || n <= arms.length) return null;
    const variance = arms.reduce((sum, arm) => sum + arm.m2, 0) / (n - arms.length);
    let best: Decision['likely'] = null;
    let bestMean = 0;
    arms.slice(1).forEach((arm, i) => {
      if (arm.n === 0 || variance === 0) return;
      const noise = variance * (1 / arm.n + 1 / control.n);
      const weight = PRIOR_DEVIATION ** 2 / (PRIOR_DEVIATION ** 2 + noise);
      const mean = weight * (arm.mean - control.mean);
      const probability = normalSf(-mean / Math.sqrt(weight * noise));
      if (probability < LEAST_PROBABILITY || mean <= bestMean) return;
      best = { name: this.#arms[i + 1] ?? '', probability };
      bestMean = mean;
    });
    return best;
  }

  /** Of the values less the mean of their context, by arm. */
  #residuals(): Moments[] {
    const all = [...this.#contexts.values()];
    const overall = all.flat().reduce(mergeMoments, emptyMoments());
    const residuals = this.#arms.map(() => emptyMoments());
    for (const arms of all) {
      const { n, mean } = arms.reduce(mergeMoments, emptyMoments());
      const center = (n * mean + SHRINKAGE * overall.mean) / (n + SHRINKAGE);
      arms.forEach((arm, i) => {
        const moved = { ...arm, mean: arm.mean - center };
        if (arm.n > 0) residuals[i] = mergeMoments(residuals[i] ?? emptyMoments(), moved);
      });
    }
    return residuals;
  }
}

/** Chosen on replays of recorded runs: at this one, what is worse than control is taken in 2 of 100 or less. */
const LEAST_PROBABILITY = 0.8;
const PRIOR_DEVIATION = 0.15;

/** Units that the mean of all weighs in the mean of a context. */
const SHRINKAGE = 8;
