/** A run in the plane of start and duration. */
export interface Dot {
  readonly id: string;
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly success: boolean | null;
}

/** Places from 0 to 1: x from the first start to the last, y from the longest (0) to the shortest, by logarithm. */
export interface Plane {
  readonly dots: readonly Dot[];
  readonly first: number;
  readonly last: number;
  readonly shortest: number;
  readonly longest: number;
  x(dot: Dot): number;
  y(dot: Dot): number;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const margin = 0.03;
/** Shorter ones are drawn as if they took this long. */
const leastMillis = 0.001;

export function makePlane(dots: readonly Dot[]): Plane {
  const ends = (values: readonly number[]): [number, number] =>
    values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  const [first, last] = ends(dots.map(({ startMillis }) => startMillis));
  const lengths = dots.map(({ durationMillis }) => Math.max(leastMillis, durationMillis));
  const [shortest, longest] = ends(lengths);
  const place = (value: number, from: number, to: number): number =>
    margin + (to > from ? (value - from) / (to - from) : 0.5) * (1 - 2 * margin);
  return {
    ...{ dots, first, last, shortest, longest },
    x: (dot) => place(dot.startMillis, first, last),
    y: ({ durationMillis }) => {
      const length = Math.log(Math.max(leastMillis, durationMillis));
      return 1 - place(length, Math.log(shortest), Math.log(longest));
    },
  };
}

export function dotsWithin(plane: Plane, box: Box): readonly Dot[] {
  return plane.dots.filter((dot) => {
    const [x, y] = [plane.x(dot), plane.y(dot)];
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  });
}

/** The box as a filter of the API: exactly the times of what is in it, so that nobody sees rounding. */
export function boxFilter(plane: Plane, box: Box): string {
  const chosen = dotsWithin(plane, box);
  const starts = chosen.map(({ startMillis }) => startMillis);
  const lengths = chosen.map(({ durationMillis }) => durationMillis);
  const since = new Date(Math.min(...starts)).toISOString();
  const until = new Date(Math.max(...starts) + 1).toISOString();
  const least = Math.max(0, Math.min(...lengths));
  // The upper end is exclusive; a nanosecond more takes the longest in.
  const most = Math.max(...lengths) + 1e-6;
  return [
    `since=${since}`,
    `until=${until}`,
    `min_duration_ms=${least.toFixed(6)}`,
    `max_duration_ms=${most.toFixed(6)}`,
  ].join(',');
}
