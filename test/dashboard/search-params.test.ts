import {
  parseSearch,
  readId,
  readList,
  readNumber,
  readOneOf,
  readText,
  stringifySearch,
} from '../../src/dashboard/url/search-params';

test('an id of digits stays text', () => {
  const search = parseSearch('?span=1234567890123456');
  expect(search).toEqual({ span: '1234567890123456' });
  expect(readId(search, 'span', 16)).toBe('1234567890123456');
});

test('what was typed by hand is checked, and left out where it makes no sense', () => {
  const raw = parseSearch('?view=flame&t0=0.25&t1=9&span=XYZ&q=&hidden=a,,b');
  expect(readOneOf(raw, 'view', ['waterfall', 'flame'])).toBe('flame');
  expect(readOneOf(raw, 'view', ['waterfall'])).toBeUndefined();
  expect(readNumber(raw, 't0', 0, 1)).toBe(0.25);
  expect(readNumber(raw, 't1', 0, 1)).toBeUndefined();
  expect(readNumber(raw, 'absent', 0, 1)).toBeUndefined();
  expect(readId(raw, 'span', 16)).toBeUndefined();
  expect(readText(raw, 'q')).toBeUndefined();
  expect(readList(raw, 'hidden')).toEqual(['a', 'b']);
});

test('written without what is not set, and read back', () => {
  const text = stringifySearch({
    q: 'a & b',
    t0: 0,
    folded: true,
    off: false,
    none: undefined,
    ids: ['x', 'y'],
  });
  expect(text).toBe('?q=a+%26+b&t0=0&folded=1&ids=x,y');
  expect(parseSearch(text)).toEqual({ q: 'a & b', t0: '0', folded: '1', ids: 'x,y' });
  expect(stringifySearch({})).toBe('');
});
