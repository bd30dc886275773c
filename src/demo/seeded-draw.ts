import { createHash } from 'node:crypto';

/**
 * A uniform whole number in 0..2^32-1 that depends on the seed and the key alone, so that the order
 * in which concurrent runs finish changes no draw.
 */
export function drawUint32(seed: number, key: string): number {
  return createHash('sha256').update(`${seed}/${key}`).digest().readUInt32BE(0);
}

/** One of the values, each with the same probability (to 1 in 10^8 for a handful of values). */
export function drawOne<Value>(
  seed: number,
  key: string,
  values: readonly [Value, ...Value[]],
): Value {
  return values[drawUint32(seed, key) % values.length] ?? values[0];
}

/** A random order, the same for the same seed and keys. */
export function shuffle<Item>(
  seed: number,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Item[] {
  return items
    .map((item) => ({ item, key: keyOf(item), draw: drawUint32(seed, keyOf(item)) }))
    .sort((a, b) => a.draw - b.draw || (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}
