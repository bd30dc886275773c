import { formatInstant, toPlainValue, toWire } from '../../src/wire';
import { attributes, makeSpan } from '../support/make-span';

test('keys become snake_case, 64-bit integers strings, unknown null', () => {
  expect(
    toWire({ traceId: 'a', startTimeUnixNano: 9007199254740993n, costUsd: null, mean: Number.NaN }),
  ).toEqual({
    trace_id: 'a',
    start_time_unix_nano: '9007199254740993',
    cost_usd: null,
    mean: null,
  });
});

test('instants are RFC 3339 with nanoseconds', () => {
  expect(formatInstant(1_700_000_000_000_000_001n)).toBe('2023-11-14T22:13:20.000000001Z');
  expect(toWire({ createdAtUnixNano: 1n, atUnixNano: 0n, firstSeenUnixNano: 2n })).toEqual({
    created_at: '1970-01-01T00:00:00.000000001Z',
    at: '1970-01-01T00:00:00.000000000Z',
    first_seen: '1970-01-01T00:00:00.000000002Z',
  });
});

test('intervals are pairs', () => {
  expect(toWire({ interval: { lower: 0.1, upper: 0.2 } })).toEqual({ interval: [0.1, 0.2] });
});

test('attribute keys stay as they came, values become plain JSON', () => {
  const span = makeSpan({
    attributes: attributes({
      someKey: { double: 5 },
      'a.bigInt': { int: '9007199254740993' },
      nested: { map: attributes({ innerKey: [1, { bytes: 'AA==' }] }) },
      __proto__x: 'kept',
    }),
  });
  expect((toWire(span) as { attributes: unknown }).attributes).toEqual({
    someKey: 5,
    'a.bigInt': '9007199254740993',
    nested: { innerKey: [1, 'AA=='] },
    __proto__x: 'kept',
  });
});

test('a hostile attribute key stays data', () => {
  const hostile = JSON.parse('{"__proto__": "evil"}') as Record<string, string>;
  const wire = toWire({ attributes: hostile }) as { attributes: object };
  expect(Object.getOwnPropertyNames(wire.attributes)).toEqual(['__proto__']);
  expect(JSON.stringify(wire)).toBe('{"attributes":{"__proto__":"evil"}}');
});

test('a value without a wire form is a programming mistake', () => {
  expect(() => toWire({ run: () => 1 })).toThrow(TypeError);
  expect(toPlainValue({ double: 'NaN' })).toBe('NaN');
});
