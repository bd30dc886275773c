/**
 * Root of a continuous function inside a bracket, to about four units in the last place.
 *
 * Source: T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of
 * a nonlinear function" (1997): inverse quadratic interpolation where it is safe, else bisection.
 *
 * @param f - continuous; f(lower) and f(upper) must differ in sign, or one of them be 0
 * @param lower - finite
 * @param upper - finite
 * @throws RangeError when the signs do not differ or f returns NaN
 */
export function findRoot(f: (x: number) => number, lower: number, upper: number): number {
  let newest = pointOf(f, lower);
  let opposite = pointOf(f, upper);
  requireSignChange(newest, opposite);
  let t = 0.5;
  for (let i = 0; i < MAX_STEPS; i += 1) {
    const next = pointOf(f, newest.x + t * (opposite.x - newest.x));
    const sameSide = Math.sign(next.y) === Math.sign(newest.y);
    const third = sameSide ? newest : opposite;
    if (!sameSide) opposite = newest;
    newest = next;
    const best = Math.abs(newest.y) < Math.abs(opposite.y) ? newest : opposite;
    const tolerance = 2 * Number.EPSILON * Math.abs(best.x) + Number.MIN_VALUE;
    const share = tolerance / Math.abs(opposite.x - newest.x);
    if (best.y === 0 || !(share <= 0.5)) return best.x;
    t = Math.min(1 - share, Math.max(share, nextShare(newest, opposite, third)));
  }
  return newest.x;
}

const MAX_STEPS = 5_000;

interface Point {
  readonly x: number;
  readonly y: number;
}

function pointOf(f: (x: number) => number, x: number): Point {
  const y = f(x);
  if (Number.isNaN(y)) throw new RangeError(`f must return a number, got NaN at ${x}`);
  return { x, y };
}

function requireSignChange(a: Point, b: Point): void {
  if (a.y === 0 || b.y === 0 || a.y > 0 !== b.y > 0) return;
  throw new RangeError(`f must change its sign in the bracket, got ${a.y} and ${b.y}`);
}

/** Where between newest (0) and opposite (1) to look next. */
function nextShare(newest: Point, opposite: Point, third: Point): number {
  const xi = (newest.x - opposite.x) / (third.x - opposite.x);
  const phi = (newest.y - opposite.y) / (third.y - opposite.y);
  if (!(phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi)) return 0.5;
  const first = (newest.y / (opposite.y - newest.y)) * (third.y / (opposite.y - third.y));
  const second =
    ((third.x - newest.x) / (opposite.x - newest.x)) *
    (newest.y / (third.y - newest.y)) *
    (opposite.y / (third.y - opposite.y));
  return first + second;
}
