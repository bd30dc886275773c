/** A mean with its 95 % interval by the normal approximation. */
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
  if (runs === 1) return { runs, mean, lower: null, upper: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (runs - 1);
  const half = 1.96 * Math.sqrt(variance / runs);
  return { runs, mean, lower: mean - half, upper: mean + half };
}
