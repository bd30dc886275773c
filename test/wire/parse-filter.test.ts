import { parseFilter, parseInstant, parsePatternFilter } from '../../src/wire';

test('every key of the filter', () => {
  expect(
    parseFilter(
      'task=t,execution=e,trace=a,type=ty,agent=ag,model=m,tool=to,tag=x,tag=y,session=s,' +
        'experiment=ex,variant=v,adaptation=ad,' +
        'status=failed,role=llm,config.window=tail,attribute.http.url=a=b,since=2026-01-31,until=1700000000000000001',
    ),
  ).toEqual({
    taskId: 't',
    executionId: 'e',
    traceId: 'a',
    taskType: 'ty',
    agentId: 'ag',
    model: 'm',
    tool: 'to',
    tags: ['x', 'y'],
    sessionId: 's',
    experimentId: 'ex',
    variant: 'v',
    adaptationId: 'ad',
    status: 'failed',
    role: 'llm',
    config: { window: 'tail' },
    attributes: { 'http.url': 'a=b' },
    sinceUnixNano: 1769817600000000000n,
    untilUnixNano: 1700000000000000001n,
  });
});

test('a comma in a value is escaped', () => {
  expect(parseFilter('agent=a\\,b')).toEqual({ agentId: 'a,b' });
});

test.each([
  ['agnet=x', 'Unknown filter key "agnet". Did you mean "agent"?'],
  ['status=complete', '"complete" is no status. Did you mean "completed"?'],
  ['agent', 'A filter is key=value; "agent" is not.'],
  ['since=yesterday', '"yesterday" is no time.'],
  ['since=1700000000000', '1700000000000 is too small for nanoseconds since 1970.'],
])('%s', (text, message) => {
  expect(() => parseFilter(text)).toThrow(message);
});

test.each([
  ['2023-11-14T22:13:20.000000001Z', 1_700_000_000_000_000_001n],
  ['2023-11-14T22:13:20+01:00', 1_699_996_400_000_000_000n],
  ['2023-11-14', 1_699_920_000_000_000_000n],
])('instant %s', (text, nanos) => {
  expect(parseInstant(text)).toBe(nanos);
});

it('filters patterns by what they are about, not by single runs', () => {
  const text = 'tool=search,type=airline,config.window=tail,since=1800000000000000000';
  expect(parsePatternFilter(text)).toEqual(parseFilter(text));
  expect(parsePatternFilter('')).toEqual({});
  expect(() => parsePatternFilter('tool=search,status=observed')).toThrow(
    'Patterns cannot be filtered by "status".',
  );
  expect(() => parsePatternFilter('session=s')).toThrow('by "session"');
  expect(() => parsePatternFilter('tol=search')).toThrow('tool');
});

test.each([
  ['7d', 604_800_000],
  ['12h', 43_200_000],
  ['30m', 1_800_000],
  ['45s', 45_000],
  ['2w', 1_209_600_000],
])('since=%s is a time ago', (text, millis) => {
  const now = 1_790_000_000_000;
  expect(parseInstant(text, now)).toBe(BigInt(now - millis) * 1_000_000n);
});

test('no instant lies before 1970', () => {
  expect(() => parseInstant('1969-12-31')).toThrow('before 1970');
  expect(parseInstant('9999w')).toBe(0n);
});
