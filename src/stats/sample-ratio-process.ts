import { requireOpenProbability, requirePositive } from './argument-checks';

/**
 * {@link sampleRatioEValue} unit by unit, also where the planned shares change on the way: the predictive
 * probability of each arrival under a Dirichlet prior around the plan, over its planned share. With constant
 * shares it is the same number.
 *
 * Source: Lindon and Malek, "Anytime-valid inference for multinomial count data" (2022).
 */
export class SampleRatioProcess {
  readonly #concentration: number;
  readonly #counts: number[];
  #units = 0;
  #logE = 0;
  #maxLogE = 0;

  constructor(arms: number, concentration = 100) {
    requirePositive('concentration', concentration);
    this.#concentration = concentration;
    this.#counts = new Array<number>(arms).fill(0);
  }

  /** `share` is the planned share of the arm that the unit came to, in (0, 1). */
  add(arm: number, share: number): void {
    requireOpenProbability('share', share);
    const count = this.#counts[arm];
    if (count === undefined)
      throw new RangeError(`arm must be below ${this.#counts.length}, got ${arm}`);
    const predicted = (this.#concentration * share + count) / (this.#concentration + this.#units);
    this.#logE += Math.log(predicted / share);
    this.#maxLogE = Math.max(this.#maxLogE, this.#logE);
    this.#counts[arm] = count + 1;
    this.#units += 1;
  }

  get counts(): readonly number[] {
    return this.#counts;
  }

  get logE(): number {
    return this.#logE;
  }

  /** Largest so far; P(it ever reaches log(1/α)) <= α when the plan holds. */
  get maxLogE(): number {
    return this.#maxLogE;
  }
}
