import { clopperPearson } from '../../src/stats';

export interface Share {
  readonly hits: number;
  readonly of: number;
  readonly share: number;
  /** Clopper and Pearson, 95 %. */
  readonly interval: readonly [number, number];
}

export function shareOf(hits: number, of: number): Share {
  const { lower, upper } = clopperPearson(hits, of, 0.95);
  return { hits, of, share: hits / of, interval: [rounded(lower), rounded(upper)] };
}

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

export function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
