import { chiSquareSf, fnv1a32, seededRandom, stickyHash } from '../../src/stats';
import { xoshiro128StarStar } from '../../src/stats/seeded-random';

describe('stickyHash', () => {
  it.each([
    ['seed', 'a', 0.0505],
    ['seed', 'b', 0.2696],
    ['foo', 'ab', 0.2575],
    ['foo', 'def', 0.2019],
    ['89123klj', '8952klfjas09ujkasdf', 0.124],
    ['90850943850283058242805', '123', 0.7516],
  ])('reproduces GrowthBook for %s, %s', (seed, value, expected) => {
    expect(stickyHash(seed, value)).toBe(expected);
  });

  it('has a finer resolution on request', () => {
    const fine = stickyHash('seed', 'a', 2 ** 20);
    expect(Number.isInteger(fine * 2 ** 20)).toBe(true);
    expect(() => stickyHash('seed', 'a', 0.5)).toThrow(RangeError);
    expect(() => stickyHash('seed', 'a', 2 ** 33)).toThrow(RangeError);
  });

  // draft-eastlake-fnv, test vectors of 32-bit FNV-1a.
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('fnv1a32 of "%s"', (text, expected) => {
    expect(fnv1a32(text)).toBe(expected);
  });
});

describe('seededRandom', () => {
  it('runs xoshiro128** as its authors do (vectors of rand_xoshiro)', () => {
    const next = xoshiro128StarStar([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, next)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  it('repeats itself for a seed and differs between seeds', () => {
    const take = (seed: number | string): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, () => random());
    };
    expect(take('x')).toEqual(take('x'));
    expect(take(1)).toEqual(take('1'));
    expect(take(1)).not.toEqual(take(2));
    expect(() => seededRandom(NaN)).toThrow(RangeError);
  });

  it('is uniform in [0, 1)', () => {
    const random = seededRandom(7);
    const bins = new Array<number>(100).fill(0);
    for (let i = 0; i < 100_000; i += 1) {
      const bin = Math.floor(random() * 100);
      bins[bin] = (bins[bin] ?? NaN) + 1;
    }
    const statistic = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquareSf(statistic, 99)).toBeGreaterThan(0.001);
    expect(chiSquareSf(statistic, 99)).toBeLessThan(0.999);
  });
});
