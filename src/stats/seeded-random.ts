import { requireFinite } from './argument-checks';
import { fnv1a32 } from './sticky-hash';

// Held here: in a test's own global scope every look at Math costs more than the number drawn.
const { imul } = Math;

/**
 * Reproducible random numbers for simulations; not for secrets.
 *
 * xoshiro128** (D. Blackman and S. Vigna, 2018), its state filled from the seed by splitmix32; two
 * outputs make one number of 53 random bits. The same seed gives the same stream on every machine;
 * the number 1 and the text "1" are the same seed.
 *
 * @param seed - any text or finite number
 * @returns a function that returns the next number, uniform in [0, 1)
 * @throws RangeError when a number seed is not finite
 */
export function seededRandom(seed: number | string): () => number {
  if (typeof seed === 'number') requireFinite('seed', seed);
  const next = xoshiro128StarStar(stateFrom(String(seed)));
  return () => {
    const high = next() >>> 5;
    const low = next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}

/** Four 32-bit words, not all 0. */
export type XoshiroState = readonly [number, number, number, number];

/** The bare generator: successive unsigned 32-bit outputs from a given state. */
export function xoshiro128StarStar(state: XoshiroState): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = imul(rotateLeft(imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

function stateFrom(seed: string): XoshiroState {
  let counter = fnv1a32(seed);
  const word = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let z = counter;
    z = imul(z ^ (z >>> 16), 0x21f0aaad);
    z = imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return [word(), word(), word(), word()];
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
