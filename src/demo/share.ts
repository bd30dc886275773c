import { scoreInterval } from '../stats';

/**
 * A mean of values in 0..1 with its 95 % interval, by Wilson's score: of all such values with this mean 0 and 1 vary
 * most, so that it is not too narrow, also where all that few runs gave is 0.
 */
export interface Share {
  readonly runs: number;
  readonly mean: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

export function shareOf(values: readonly number[]): Share {
  const runs = values.length;
  if (runs === 0) return { runs, mean: null, lower: null, upper: null };
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  return { runs, mean, ...scoreInterval(mean, runs, 0.95) };
}
