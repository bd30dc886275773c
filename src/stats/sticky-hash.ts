import { requirePositive } from './argument-checks';

/**
 * Deterministic position of a unit in [0, 1), for assignments that need no store: GrowthBook's
 * hash v2, fnv1a32(fnv1a32(seed + value) + "") modulo the buckets.
 *
 * @param seed - names the experiment
 * @param value - names the unit
 * @param buckets - resolution, an integer in [1, 2^32]; `@defaultValue` 10000 as GrowthBook;
 *   2 ** 20 gives finer weights
 * @returns a multiple of 1 / buckets
 * @throws RangeError when buckets is out of range
 */
export function stickyHash(seed: string, value: string, buckets = 10_000): number {
  requirePositive('buckets', buckets);
  if (!Number.isInteger(buckets) || buckets > 2 ** 32) {
    throw new RangeError(`buckets must be an integer in [1, 2^32], got ${buckets}`);
  }
  return (fnv1a32(String(fnv1a32(seed + value))) % buckets) / buckets;
}

/**
 * 32-bit FNV-1a hash (Fowler, Noll and Vo) over the UTF-16 code units of a text, as GrowthBook's
 * JavaScript SDK; for ASCII the same as over its bytes.
 *
 * @returns an integer in [0, 2^32)
 */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
