/** A set of unit positions, 32 to a word. */
export type Bitset = Uint32Array;

export function emptyBitset(size: number): Bitset {
  return new Uint32Array(Math.ceil(size / 32));
}

export function bitsetOf(positions: Iterable<number>, size: number): Bitset {
  const bits = emptyBitset(size);
  for (const position of positions) addBit(bits, position);
  return bits;
}

export function addBit(bits: Bitset, position: number): void {
  const word = position >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (position & 31));
}

export function hasBit(bits: Bitset, position: number): boolean {
  return ((bits[position >>> 5] ?? 0) & (1 << (position & 31))) !== 0;
}

export function countBits(bits: Bitset): number {
  let count = 0;
  for (const word of bits) count += bitsInWord(word);
  return count;
}

/** Size of the intersection. */
export function countCommonBits(x: Bitset, y: Bitset): number {
  let count = 0;
  for (let i = 0; i < x.length; i += 1) count += bitsInWord((x[i] ?? 0) & (y[i] ?? 0));
  return count;
}

export function intersection(x: Bitset, y: Bitset): Bitset {
  return x.map((word, i) => word & (y[i] ?? 0));
}

export function difference(x: Bitset, y: Bitset): Bitset {
  return x.map((word, i) => word & ~(y[i] ?? 0));
}

function bitsInWord(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
