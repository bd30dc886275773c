import fc from 'fast-check';
import { alignSteps } from '../../src/dashboard/compare/align-steps';

const show = (a: string, b: string): string =>
  alignSteps([...a], [...b])
    .map((line) => `${line.a === null ? '-' : a[line.a]}${line.b === null ? '-' : b[line.b]}`)
    .join(' ');

test('what both did in the same order stands in one line', () => {
  expect(show('abcd', 'abxd')).toBe('aa bb c- -x dd');
  expect(show('', 'ab')).toBe('-a -b');
  expect(show('abc', 'abc')).toBe('aa bb cc');
});

test('every step of either side stands once, in its order', () => {
  const steps = fc.array(fc.constantFrom('chat', 'search', 'book'), { maxLength: 30 });
  fc.assert(
    fc.property(steps, steps, (a, b) => {
      const lines = alignSteps(a, b);
      expect(lines.flatMap((line) => line.a ?? [])).toEqual(a.map((_, at) => at));
      expect(lines.flatMap((line) => line.b ?? [])).toEqual(b.map((_, at) => at));
      for (const line of lines) {
        if (line.a !== null && line.b !== null) expect(a[line.a]).toBe(b[line.b]);
      }
    }),
  );
});
