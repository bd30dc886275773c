import { BETS, RunningMeans } from './assignment-evidence';

/**
 * Watches a treatment that is in use against those who are held back, for the day it begins to harm.
 *
 * `alarm` is the Shiryaev-Roberts sum of the e-process of harm over all starts: under no harm its mean after n
 * units is at most n, so the mean time to a false alarm at A is at least A units. `eValue` is a mixture of the e-processes begun every 200 units with weights 1 / ((j + 1)(j + 2)): an
 * e-value over the whole life, P(it ever reaches 1/α) <= α.
 *
 * Source: Shin, Ramdas and Rinaldo, "E-detectors" (2023); LEARNING 4 (e).
 */
export class HarmWatch {
  readonly #means = new RunningMeans();
  #alarm = 0;
  readonly #starts: Start[] = [];
  #banked = 0;
  #begun = 0;
  #units = 0;

  /** One unit in the order of assignment; `propensity` is that of treatment, in (0, 1). */
  add(treated: boolean, propensity: number, value: number, context: string | null = null): void {
    const { score, largest } = this.#means.score(treated, propensity, value, context);
    if (this.#units % EVERY === 0) this.#begin();
    this.#units += 1;
    const factor = 1 - Math.min(ALARM_BET, 0.95 / largest) * score;
    this.#alarm = Math.min(CEILING, factor * (1 + this.#alarm));
    BETS.forEach((bet, i) => {
      const factor = 1 - Math.min(bet, 0.95 / largest) * score;
      for (const { wealth } of this.#starts)
        wealth[i] = Math.min(CEILING, factor * (wealth[i] ?? 0));
    });
  }

  get units(): number {
    return this.#units;
  }

  /** Sum over starts; begin anew with {@link restartAlarm} when it was answered. */
  get alarm(): number {
    return this.#alarm;
  }

  restartAlarm(): void {
    this.#alarm = 0;
  }

  get eValue(): number {
    let sum = this.#banked + 1 / (this.#begun + 1);
    for (const { weight, wealth } of this.#starts) sum += weight * meanOf(wealth);
    return sum;
  }

  /** Memory is bounded: the start that says least stops where it stands, which keeps the sum an e-value. */
  #begin(): void {
    if (this.#starts.length >= MOST_STARTS) {
      const values = this.#starts.map(({ weight, wealth }) => weight * meanOf(wealth));
      const least = values.indexOf(Math.min(...values));
      this.#banked += values[least] ?? 0;
      this.#starts.splice(least, 1);
    }
    const j = this.#begun;
    this.#begun += 1;
    this.#starts.push({
      weight: 1 / ((j + 1) * (j + 2)),
      wealth: new Float64Array(BETS.length).fill(1),
    });
  }
}

interface Start {
  readonly weight: number;
  readonly wealth: Float64Array;
}

/**
 * Harm of some .2 of a value with variance .25 is seen soonest by this bet; at equal false alarms, smaller ones, larger ones and means of
 * several are later.
 */
const ALARM_BET = 0.8;

const EVERY = 200;
const MOST_STARTS = 64;
const CEILING = 1e200;

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
