import {
  formatBytes,
  formatChange,
  formatCost,
  formatCount,
  formatDuration,
  formatEvidence,
  formatPoints,
  formatPValue,
  formatShare,
  formatTime,
  plural,
} from '../../src/dashboard/format/format';

test.each([
  [null, '–'],
  [0, '0 ns'],
  [999, '999 ns'],
  [1_500, '1.50 µs'],
  [12_340_000, '12.3 ms'],
  [999_600_000, '1.00 s'],
  [59_960_000_000, '1 min 00 s'],
  [184_000_000_000, '3 min 04 s'],
  [7_500_000_000_000, '2 h 05 min'],
  [-2_000_000, '−2.00 ms'],
])('duration %p is %s', (nanos, text) => expect(formatDuration(nanos)).toBe(text));

test.each([
  [null, '–'],
  [0, '0'],
  [9_999, '9,999'],
  [56_700, '56.7k'],
  [999_700, '1.00M'],
])('count %p is %s', (count, text) => expect(formatCount(count)).toBe(text));

test.each([
  [null, '–'],
  [0, '$0'],
  [1234.5, '$1,234.50'],
  [0.0123, '$0.012'],
  [0.0000001, '<$0.000001'],
])('cost %p is %s', (dollars, text) => expect(formatCost(dollars)).toBe(text));

test('shares, points and p values', () => {
  expect(formatShare(0.734)).toBe('73 %');
  expect(formatShare(0.0004)).toBe('0.04 %');
  expect(formatShare(null)).toBe('–');
  expect(formatShare(0.00004)).toBe('<0.01 %');
  expect(formatEvidence(2.36e23)).toBe('2.4e+23');
  expect(formatShare(0.9956)).toBe('99.56 %');
  expect(formatShare(0.99999)).toBe('>99.99 %');
  expect(formatShare(1)).toBe('100 %');
  expect(formatPoints(0.0731)).toBe('+7.3 pp');
  expect(formatPoints(-0.01)).toBe('−1.0 pp');
  expect(formatPValue(0.00001234)).toBe('1.2e−5');
  expect(formatPValue(0.0312)).toBe('0.0312');
});

test('times in either form, and UTC', () => {
  expect(formatTime('1769846400000000001', 'utc')).toBe('31 Jan 2026, 08:00:00');
  expect(formatTime('2026-01-31T08:00:00.000000001Z', 'utc', false)).toBe('31 Jan 2026, 08:00');
  expect(formatTime('nonsense', 'utc')).toBe('–');
});

test('bytes and plurals', () => {
  expect(formatBytes(5_242_880)).toBe('5.24 MB');
  expect(plural(1, 'run')).toBe('1 run');
  expect(plural(1200, 'run')).toBe('1,200 runs');
});

test.each([
  [-0.333, '−33.3 %'],
  [0.05, '+5.0 %'],
  [null, '–'],
])('a change of %p is %s', (change, text) => expect(formatChange(change)).toBe(text));
