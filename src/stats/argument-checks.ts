/** Throws a RangeError unless `value` is a finite number. */
export function requireFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) fail(name, 'a finite number', value);
}

/** Throws a RangeError when `value` is NaN; infinities pass. */
export function requireNumber(name: string, value: number): void {
  if (typeof value !== 'number' || Number.isNaN(value)) fail(name, 'a number', value);
}

/** Throws a RangeError unless `value` is finite and greater than 0. */
export function requirePositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) fail(name, 'a finite number > 0', value);
}

/** Throws a RangeError unless `value` is finite and at least 0. */
export function requireNonNegative(name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) fail(name, 'a finite number >= 0', value);
}

/** Throws a RangeError unless `value` is an integer >= 0 that a double holds exactly. */
export function requireCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) fail(name, 'an integer count >= 0', value);
}

/** Throws a RangeError unless `value` lies in [0, 1]. */
export function requireProbability(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) fail(name, 'a probability in [0, 1]', value);
}

/** Throws a RangeError unless `value` lies strictly between 0 and 1. */
export function requireOpenProbability(name: string, value: number): void {
  if (!(value > 0 && value < 1)) fail(name, 'a number strictly between 0 and 1', value);
}

function fail(name: string, expected: string, value: unknown): never {
  throw new RangeError(`${name} must be ${expected}, got ${String(value)}`);
}
