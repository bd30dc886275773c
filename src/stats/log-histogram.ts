import { requirePositive } from './argument-checks';

/**
 * Counts of positive numbers in buckets of equal relative width: quantiles within 1 % of the value, ranks
 * and insertions in O(log buckets), memory independent of the count (DDSketch, Masson, Rim and Lee 2019,
 * over a Fenwick tree). Values outside [1e-9, 1e9] count in the outermost buckets.
 */
export class LogHistogram {
  readonly #tree = new Int32Array(SIZE + 1);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @throws RangeError unless the value is finite and > 0. */
  add(value: number): void {
    requirePositive('value', value);
    this.#count += 1;
    for (let i = bucketOf(value) + 1; i <= SIZE; i += i & -i) this.#tree[i] = this.#at(i) + 1;
  }

  /** Share of the values below this one, those of its own bucket counted half; in [0, 1], .5 if empty. */
  midRank(value: number): number {
    if (this.#count === 0) return 0.5;
    const bucket = bucketOf(value);
    return (this.#below(bucket) + this.#below(bucket + 1)) / (2 * this.#count);
  }

  /** Nearest-rank quantile, the middle of its bucket; NaN if empty. */
  quantile(probability: number): number {
    if (this.#count === 0) return NaN;
    let rest = Math.min(this.#count, Math.max(1, Math.ceil(probability * this.#count)));
    let bucket = 0;
    for (let step = SIZE; step > 0; step >>= 1) {
      if (bucket + step <= SIZE && this.#at(bucket + step) < rest) {
        bucket += step;
        rest -= this.#at(bucket);
      }
    }
    return Math.exp((bucket + 0.5) * WIDTH + LOWEST);
  }

  /** Values in buckets below this one. */
  #below(bucket: number): number {
    let sum = 0;
    for (let i = bucket; i > 0; i -= i & -i) sum += this.#at(i);
    return sum;
  }

  #at(i: number): number {
    return this.#tree[i] ?? 0;
  }
}

const SIZE = 4096;
const LOWEST = Math.log(1e-9);
const WIDTH = (Math.log(1e9) - LOWEST) / SIZE;

function bucketOf(value: number): number {
  const bucket = Math.floor((Math.log(value) - LOWEST) / WIDTH);
  return Math.min(SIZE - 1, Math.max(0, bucket));
}
