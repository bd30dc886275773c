import type { SeriesJson } from '../../wire';
import { toMillis } from '../format/format';

type Series = Pick<SeriesJson['series'][number], 'points'>;

export const bucketMillis = { hour: 3_600_000, day: 86_400_000 } as const;

export interface TimeScale {
  readonly from: number;
  readonly to: number;
}

/** From the first bucket to the end of the last, over all series; at least one bucket wide. */
export function timeScaleOf(
  series: readonly Series[],
  bucket: SeriesJson['bucket'],
): TimeScale | null {
  const starts = series.flatMap(({ points }) => points.map(({ start }) => toMillis(start)));
  if (starts.length === 0) return null;
  const [first, last] = starts.reduce(
    ([least, most], at) => [Math.min(least, at), Math.max(most, at)],
    [Infinity, -Infinity],
  );
  return { from: first, to: last + bucketMillis[bucket] };
}

/** Pieces of a line: a bucket without runs, or one whose value nobody knows, is a gap and no zero. */
export function unbroken<T extends { readonly at: number; readonly value: number | null }>(
  points: readonly T[],
  stepMillis: number,
): readonly (readonly T[])[] {
  const pieces: T[][] = [];
  let before: T | null = null;
  for (const point of points) {
    if (point.value === null) continue;
    const joined = before !== null && point.at - before.at <= stepMillis;
    if (joined) pieces.at(-1)!.push(point);
    else pieces.push([point]);
    before = point;
  }
  return pieces;
}
