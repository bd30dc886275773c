import type { ExperimentAnalysisJson } from '../../wire';
import { toMillis } from '../format/format';

/** The lift of one challenger when so many units had an outcome. */
export interface Point {
  readonly units: number;
  /** Milliseconds. */
  readonly at: number;
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

export function pointsOf({ series }: ExperimentAnalysisJson, name: string): Point[] {
  return series.flatMap(({ units, at, lifts }): Point[] => {
    const lift = lifts.find((one) => one.name === name);
    if (lift === undefined) return [];
    const [lower, upper] = lift.interval;
    const { estimate } = lift;
    return [
      { units, at: toMillis(at), estimate, lower: lower ?? -Infinity, upper: upper ?? Infinity },
    ];
  });
}

/**
 * How far the axis reaches to both sides of 0. The first units say little, and would set it; a difference of shares is
 * never above 1.
 */
export function effectAxis(points: readonly Point[], areShares: boolean): number {
  const most = points.at(-1)?.units ?? 0;
  const ends = points
    .filter(({ units }) => units >= most / 4)
    .flatMap(({ lower, upper, estimate }) => [lower, upper, estimate])
    .map(Math.abs)
    .filter(Number.isFinite);
  return Math.min(areShares ? 1 : Infinity, 1.05 * Math.max(...ends, 1e-9));
}
