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

const z = 1.96;

export function shareOf(values: readonly number[]): Share {
  const runs = values.length;
  if (runs === 0) return { runs, mean: null, lower: null, upper: null };
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  const shrink = 1 + z ** 2 / runs;
  const centre = (mean + z ** 2 / (2 * runs)) / shrink;
  const half = (z / shrink) * Math.sqrt((mean * (1 - mean)) / runs + (z / (2 * runs)) ** 2);
  return { runs, mean, lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}
