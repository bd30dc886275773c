import fc from 'fast-check';
import { fisherExact, type Table2x2 } from '../../src/stats';
import { relativeError } from './relative-error';

const table = (a: number, b: number, c: number, d: number): Table2x2 => ({ a, b, c, d });
const cell = fc.integer({ min: 0, max: 40 });
const anyTable = fc.record({ a: cell, b: cell, c: cell, d: cell });
const runs = { numRuns: 100, seed: 20260105 };

describe('fisherExact', () => {
  it("reproduces R's tea tasting and convictions", () => {
    const tea = fisherExact(table(3, 1, 1, 3));
    expect(tea.pValue).toBeCloseTo(0.4857142857, 10);
    expect(tea.oneSidedGreater).toBeCloseTo(0.2428571429, 10);
    const convictions = fisherExact(table(2, 10, 15, 3));
    expect(relativeError(convictions.pValue, 0.00053672411914)).toBeLessThan(1e-11);
  });

  it('equals the hypergeometric sum over big integers', () => {
    fc.assert(
      fc.property(anyTable, (observed) => {
        const expected = exactFisher(observed);
        const actual = fisherExact(observed);
        expect(relativeError(actual.pValue, expected.pValue)).toBeLessThan(1e-12);
        expect(relativeError(actual.oneSidedGreater, expected.greater)).toBeLessThan(1e-12);
        expect(relativeError(actual.oneSidedLess, expected.less)).toBeLessThan(1e-12);
      }),
      runs,
    );
  });

  it('stays exact with several thousand units', () => {
    const observed = table(1210, 1390, 905, 1495);
    expect(relativeError(fisherExact(observed).pValue, exactFisher(observed).pValue)).toBeLessThan(
      1e-12,
    );
    expect(
      relativeError(fisherExact(observed).oneSidedGreater, exactFisher(observed).greater),
    ).toBeLessThan(1e-12);
  });

  it('gives 1 for a table with an empty margin', () => {
    expect(fisherExact(table(0, 0, 3, 4))).toMatchObject({ pValue: 1, oddsRatio: null });
    expect(fisherExact(table(0, 0, 0, 0)).pValue).toBe(1);
  });
});

/** The same test with exact integers; at most 1e15 parts of rounding at the very end. */
function exactFisher({ a, b, c, d }: Table2x2): { pValue: number; greater: number; less: number } {
  const [rows, columns, n] = [a + b, a + c, a + b + c + d];
  const lowest = Math.max(0, rows + columns - n);
  let weight = choose(columns, lowest) * choose(n - columns, rows - lowest);
  const weights: bigint[] = [];
  for (let k = lowest; k <= Math.min(rows, columns); k += 1) {
    weights.push(weight);
    weight =
      (weight * BigInt(columns - k) * BigInt(rows - k)) /
      (BigInt(k + 1) * BigInt(n - columns - rows + k + 1));
  }
  const total = weights.reduce((x, y) => x + y, 0n);
  const observed = weights[a - lowest] ?? 0n;
  const share = (part: bigint): number => Number((part * 10n ** 60n) / total) / 1e60;
  const sum = (list: bigint[]): bigint => list.reduce((x, y) => x + y, 0n);
  return {
    pValue: share(sum(weights.filter((w) => w * 10_000_000n <= observed * 10_000_001n))),
    greater: share(sum(weights.slice(a - lowest))),
    less: share(sum(weights.slice(0, a - lowest + 1))),
  };
}

function choose(n: number, k: number): bigint {
  let result = 1n;
  for (let i = 1; i <= k; i += 1) result = (result * BigInt(n - k + i)) / BigInt(i);
  return result;
}
