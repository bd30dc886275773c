import fc from 'fast-check';
import {
  betaQuantile,
  binomialLogProbability,
  binomialLowerTail,
  binomialUpperTail,
  chiSquareSf,
  logBeta,
  logGamma,
  normalQuantile,
  normalSf,
  regularizedBeta,
  regularizedGammaP,
  regularizedGammaQ,
  studentTQuantile,
  studentTSf,
  studentTTwoSided,
} from '../../src/stats';
import { relativeError } from './relative-error';

const runs = { numRuns: 100, seed: 20260101 };
const unit = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true });
const shape = fc.double({ min: 0.05, max: 2000, noNaN: true });

describe('published quantiles', () => {
  it.each([
    [0.975, 1.959963984540054],
    [0.95, 1.6448536269514722],
    [0.995, 2.5758293035489004],
    [1e-10, -6.361340902404056],
    [0.5, 0],
  ])('normal %d', (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 13);
  });

  it.each([
    [0.975, 1, Math.tan(0.475 * Math.PI)],
    [0.01, 1, -Math.tan(0.49 * Math.PI)],
    [0.975, 2, 0.95 / Math.sqrt(2 * 0.975 * 0.025)],
    [1e-9, 2, (2e-9 - 1) / Math.sqrt(2e-9 * (1 - 1e-9))],
  ])('Student t %d with %d df', (p, df, t) => {
    expect(relativeError(studentTQuantile(p, df), t)).toBeLessThan(1e-12);
  });

  it.each([
    [0.975, 10, 2.228139],
    [0.95, 30, 1.697261],
    [0.9995, 5, 6.868827],
  ])("Student t %d with %d df as R's qt", (p, df, t) => {
    expect(studentTQuantile(p, df)).toBeCloseTo(t, 6);
  });

  it('reaches quantiles of tiny tails', () => {
    expect(relativeError(studentTQuantile(1e-300, 1), -1e300 / Math.PI)).toBeLessThan(1e-12);
    expect(
      relativeError(betaQuantile(1e-12, 0.5, 0.5), Math.sin((Math.PI / 2) * 1e-12) ** 2),
    ).toBeLessThan(1e-12);
    expect(relativeError(normalSf(-normalQuantile(1e-300)), 1e-300)).toBeLessThan(1e-11);
  });

  it('gives infinities at 0 and 1', () => {
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect(studentTQuantile(0, 3)).toBe(-Infinity);
    expect(studentTQuantile(1, 3)).toBe(Infinity);
    expect(betaQuantile(0, 2, 3)).toBe(0);
    expect(betaQuantile(1, 2, 3)).toBe(1);
  });
});

describe('closed forms', () => {
  it('agrees with elementary functions', () => {
    expect(relativeError(chiSquareSf(1400, 2), Math.exp(-700))).toBeLessThan(1e-12);
    expect(relativeError(regularizedGammaP(1, 1e-12), -Math.expm1(-1e-12))).toBeLessThan(1e-14);
    expect(relativeError(studentTSf(1e12, 1), 1e-12 / Math.PI)).toBeLessThan(1e-13);
    expect(relativeError(regularizedBeta(1e-30, 2, 1), 1e-60)).toBeLessThan(1e-12);
    expect(logBeta(1, 1)).toBeCloseTo(0, 14);
    expect(relativeError(logBeta(0.5, 0.5), Math.log(Math.PI))).toBeLessThan(1e-14);
    expect(relativeError(logBeta(1e-5, 1e9), logGamma(1e-5) - 1e-5 * Math.log(1e9))).toBeLessThan(
      1e-12,
    );
  });

  it('keeps its digits when one parameter is huge', () => {
    // Student's t with 1e9 degrees of freedom is normal up to a factor 1 + (t^4 - ...)/df.
    expect(relativeError(studentTSf(3, 1e9), normalSf(3))).toBeLessThan(1e-7);
    expect(relativeError(studentTSf(3, 1e12), normalSf(3))).toBeLessThan(1e-10);
    expect(
      relativeError(betaQuantile(0.975, 1, 1e9), -Math.expm1(Math.log(0.025) / 1e9)),
    ).toBeLessThan(1e-12);
  });

  it('sums the binomial probabilities', () => {
    let sum = 0;
    for (let k = 0; k <= 12; k += 1) sum += Math.exp(binomialLogProbability(k, 40, 0.2));
    expect(relativeError(binomialLowerTail(12, 40, 0.2), sum)).toBeLessThan(1e-12);
    expect(relativeError(binomialUpperTail(40, 40, 0.01), 1e-80)).toBeLessThan(1e-12);
    expect(binomialLowerTail(40, 40, 0.2)).toBe(1);
    expect(binomialUpperTail(0, 40, 0.2)).toBe(1);
  });
});

describe('properties', () => {
  it('survival functions never rise', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: 40, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        shape,
        (x, step, df) => {
          const slack = 1 + 1e-13;
          expect(normalSf(x + step)).toBeLessThanOrEqual(normalSf(x) * slack);
          expect(studentTSf(x + step, df)).toBeLessThanOrEqual(studentTSf(x, df) * slack);
          expect(chiSquareSf(x + step, df)).toBeLessThanOrEqual(chiSquareSf(x, df) * slack);
        },
      ),
      runs,
    );
  });

  it('quantiles invert the distribution', () => {
    fc.assert(
      fc.property(
        unit,
        fc.double({ min: 0.6, max: 500, noNaN: true }),
        fc.double({ min: 0.6, max: 500, noNaN: true }),
        (p, a, b) => {
          expect(relativeError(normalSf(-normalQuantile(p)), p)).toBeLessThan(1e-11);
          expect(relativeError(studentTSf(-studentTQuantile(p, a), a), p)).toBeLessThan(1e-11);
          expect(relativeError(regularizedBeta(betaQuantile(p, a, b), a, b), p)).toBeLessThan(
            1e-10,
          );
        },
      ),
      runs,
    );
  });

  it('complements add up to 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1023 }), shape, shape, (part, a, b) => {
        const x = part / 1024;
        expect(regularizedBeta(x, a, b) + regularizedBeta(1 - x, b, a)).toBeCloseTo(1, 11);
        const y = x * 2 * a;
        expect(regularizedGammaP(a, y) + regularizedGammaQ(a, y)).toBeCloseTo(1, 11);
        expect(studentTSf(-y, a) + studentTSf(y, a)).toBeCloseTo(1, 12);
        expect(studentTTwoSided(-y, a)).toBe(studentTTwoSided(y, a));
      }),
      runs,
    );
  });
});

describe('bad arguments', () => {
  it.each<[string, () => number]>([
    ['x must be a number, got NaN', () => normalSf(NaN)],
    ['p must be a probability in [0, 1], got 1.1', () => normalQuantile(1.1)],
    ['df must be a finite number > 0, got 0', () => chiSquareSf(1, 0)],
    ['df must be a finite number > 0, got -1', () => studentTSf(1, -1)],
    ['x must be a finite number > 0, got 0', () => logGamma(0)],
    ['x must be a finite number >= 0, got -1', () => regularizedGammaQ(1, -1)],
    ['x must be a probability in [0, 1], got 2', () => regularizedBeta(2, 1, 1)],
    ['k must be at most n = 3, got 4', () => binomialLowerTail(4, 3, 0.5)],
    ['n must be an integer count >= 0, got 2.5', () => binomialLowerTail(1, 2.5, 0.5)],
  ])('throws RangeError: %s', (message, call) => {
    expect(call).toThrow(new RangeError(message));
  });
});
