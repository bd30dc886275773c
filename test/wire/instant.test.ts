import { InputError } from '../../src/errors';
import { formatInstant, parseInstant } from '../../src/wire/instant';

test('times are read and written with their nanoseconds', () => {
  expect(parseInstant('2026-01-31T08:00:00.000000001Z')).toBe(1769846400000000001n);
  expect(formatInstant(1769846400000000001n)).toBe('2026-01-31T08:00:00.000000001Z');
  expect(parseInstant('7d', 8 * 86_400_000)).toBe(86_400_000_000_000n);
});

test.each(['9'.repeat(400), '9223372036854775808', '1969-12-31', '2263-01-01'])(
  'a time that the databases cannot hold is refused, not wrapped around: %s',
  (text) => {
    expect(() => parseInstant(text)).toThrow(InputError);
  },
);

test('longer ago than 1970 is since the beginning', () => {
  expect(parseInstant('999999w', 0)).toBe(0n);
});
