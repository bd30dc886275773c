import { requireOpenProbability, requireProbability } from './argument-checks';

/**
 * Evidence from randomised assignments, unit by unit, that a treatment raises (or lowers) the mean of a
 * value in [0, 1]; each side is an e-process, valid at every unit and without any approximation.
 *
 * With the assignment A drawn with probability p before the value y is known and a prediction m made from
 * earlier units, f = (A - p)(y - m) has mean p (1 - p) (mean treated - mean control), so under no effect the
 * product of 1 + λ f is a martingale for every λ fixed in advance; the mean over a grid of λ is the
 * e-value. Drift of the values, changing propensities and any distribution in [0, 1] leave it valid.
 *
 * Sources: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting" (JRSS-B 2024);
 * Shiryaev-Roberts form: Shin, Ramdas and Rinaldo, "E-detectors" (2023).
 */
export class AssignmentEvidence {
  readonly #better = new Float64Array(BETS.length).fill(1);
  readonly #worse = new Float64Array(BETS.length).fill(1);
  readonly #means = new RunningMeans();
  #units = 0;
  #bestLogE = 0;
  #worstLogE = 0;

  /** One unit, in the order of assignment. `propensity` is that of treatment, in (0, 1). */
  add(treated: boolean, propensity: number, value: number, context: string | null = null): void {
    const { score, largest } = this.#means.score(treated, propensity, value, context);
    for (let i = 0; i < BETS.length; i += 1) {
      const stake = Math.min(BETS[i] ?? 0, 0.95 / largest) * score;
      this.#better[i] = grow(this.#better[i] ?? 0, 1 + stake);
      this.#worse[i] = grow(this.#worse[i] ?? 0, 1 - stake);
    }
    this.#units += 1;
    this.#bestLogE = Math.max(this.#bestLogE, this.logEBetter);
    this.#worstLogE = Math.max(this.#worstLogE, this.logEWorse);
  }

  get units(): number {
    return this.#units;
  }

  /** Natural logarithm of the e-value of "the treatment raises the mean", now. */
  get logEBetter(): number {
    return Math.log(meanOf(this.#better));
  }

  get logEWorse(): number {
    return Math.log(meanOf(this.#worse));
  }

  /** Largest value so far, at least 0; P(it ever reaches log(1/α)) <= α (Ville). */
  get maxLogEBetter(): number {
    return this.#bestLogE;
  }

  get maxLogEWorse(): number {
    return this.#worstLogE;
  }
}

/**
 * The score (A - p)(y - m) of one unit after the other, with the running mean of earlier units as the
 * prediction m, per context and shrunk towards that of all.
 */
export class RunningMeans {
  readonly #contexts = new Map<string, { n: number; sum: number }>();
  #n = 2;
  #sum = 1;

  /** `largest`: what the score could have been at most in size, known before the value. */
  score(
    treated: boolean,
    propensity: number,
    value: number,
    context: string | null,
  ): { readonly score: number; readonly largest: number } {
    requireOpenProbability('propensity', propensity);
    requireProbability('value', value);
    const prediction = this.#predict(context);
    const largest = Math.max(propensity, 1 - propensity) * Math.max(prediction, 1 - prediction);
    const score = ((treated ? 1 : 0) - propensity) * (value - prediction);
    this.#learn(context, value);
    return { score, largest };
  }

  #predict(context: string | null): number {
    const overall = this.#sum / this.#n;
    const own = context === null ? undefined : this.#contexts.get(context);
    return own === undefined ? overall : (own.sum + SHRINKAGE * overall) / (own.n + SHRINKAGE);
  }

  #learn(context: string | null, value: number): void {
    this.#n += 1;
    this.#sum += value;
    if (context === null) return;
    const own = this.#contexts.get(context);
    if (own === undefined) this.#contexts.set(context, { n: 1, sum: value });
    else {
      own.n += 1;
      own.sum += value;
    }
  }
}

/** In units of (effect / variance of the value): effects from some .01 to .5. */
export const BETS: readonly number[] = [0.06, 0.1, 0.16, 0.25, 0.4, 0.6, 0.9, 1.4, 2.2];

/** Units that the mean of all weighs in the mean of a context. */
const SHRINKAGE = 8;

/** Beyond this an e-process stands still, which keeps it one. */
const CEILING = 1e200;

function grow(wealth: number, factor: number): number {
  return wealth > CEILING ? wealth : wealth * factor;
}

function meanOf(wealth: Float64Array): number {
  let sum = 0;
  for (const value of wealth) sum += value;
  return sum / wealth.length;
}
