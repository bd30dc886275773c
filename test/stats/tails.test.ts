import {
  chiSquareLogSf,
  chiSquareSf,
  logGamma,
  logRegularizedBeta,
  normalLogSf,
  normalSf,
  regularizedBeta,
  studentTLogSf,
  studentTSf,
} from '../../src/stats';
import tails from './fixtures/tails.json';
import { relativeError } from './relative-error';

type Value = number | string | null | undefined;
type Row = readonly Value[];
type Tail = (...args: number[]) => number;

// Made with mpmath: see fixtures/make-tails.py.
const cases: [string, readonly Row[], number, Tail, Tail][] = [
  ['normal', tails.normalSf, 1, normalSf, normalLogSf],
  ['chi-square', tails.chiSquareSf, 2, chiSquareSf, chiSquareLogSf],
  ['Student t', tails.studentTSf, 2, studentTSf, studentTLogSf],
  ['beta', tails.regularizedBeta, 3, regularizedBeta, logRegularizedBeta],
];

describe.each(cases)('%s tail against mpmath', (_name, rows, arity, tail, logTail) => {
  it.each(rows.map((row) => ({ args: row.slice(0, arity).map(Number), row })))(
    'at $args to a relative error of 1e-10',
    ({ args, row }) => {
      const [value, logValue] = row.slice(arity);
      if (typeof value === 'string') {
        expect(relativeError(tail(...args), Number(value))).toBeLessThan(1e-10);
      }
      const error = Math.abs(logTail(...args) - Number(logValue));
      expect(error).toBeLessThan(1e-10 + 1e-13 * Math.abs(Number(logValue)));
    },
  );

  it('reaches down to 1e-200 at least', () => {
    const smallest = Math.min(...rows.map((row) => Number(row[arity] ?? 1)));
    expect(smallest).toBeLessThan(1e-200);
  });
});

it.each(tails.logGamma.map(([x, value]) => [Number(x), Number(value)]))(
  'logGamma(%d) = %d',
  (x = NaN, value = NaN) => {
    expect(Math.abs(logGamma(x) - value)).toBeLessThan(3e-15 * Math.max(1, Math.abs(value)));
  },
);
