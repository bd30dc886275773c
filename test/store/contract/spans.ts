import fc from 'fast-check';
import { InputError } from '../../../src/errors';
import type { AttributeValue, Attributes } from '../../../src/model/attributes';
import type { EvolutionStore } from '../../../src/model/ports';
import type { SpanRecord } from '../../../src/model/span';
import { attributes, makeSpan, spanId, traceId } from '../../support/make-span';
import { makeReward } from '../make-reward';
import { interpreted, type StoreHarness } from './harness';

/** What goes in comes out, whatever it is. */
export function spanContract(harness: StoreHarness): void {
  let store: EvolutionStore;
  beforeAll(async () => {
    store = await harness.openWithKey({ clock: { nowUnixNano: () => 42n } });
  });

  const roundTrip = async (span: SpanRecord): Promise<SpanRecord> => {
    await store.write({ spans: [interpreted(span)], rewards: [] });
    return onlyRecord((await store.getSpan(span))!);
  };

  it('gives a trace as a skeleton: the same spans in the same order, without what may be large', async () => {
    const [trace, start] = [traceId(78), 1_700_000_000_000_000_000n];
    const spans = [1, 2, 3, 4].map((n) =>
      interpreted(
        makeSpan({
          ...{ traceId: trace, spanId: spanId(n), startTimeUnixNano: start - BigInt(n) },
          // A message that is the span's, none, and one that only looks like it.
          status: n < 3 ? { code: 2, message: `"message":${n}` } : { code: 1, message: null },
          attributes: attributes({ large: 'x'.repeat(10_000) }),
          events: [
            {
              ...{ name: 'e', timeUnixNano: start, droppedAttributesCount: 0 },
              attributes: attributes({ message: 'of the event' }),
            },
          ],
        }),
        { role: n === 1 ? 'agent' : 'tool', tool: `tool ${n}`, tags: n === 2 ? ['b', 'a'] : [] },
      ),
    );
    await store.write({ spans, rewards: [] });
    const whole = await store.getTrace(trace);
    const expected = whole.map((span) => {
      const { attributes: _a, events: _e, links: _l, resource: _r, scope: _s, ...rest } = span;
      const { droppedAttributesCount: _1, droppedEventsCount: _2, ...most } = rest;
      const { droppedLinksCount: _3, traceState: _4, flags: _5, ...others } = most;
      const { receivedAtUnixNano: _6, ...skeleton } = others;
      return skeleton;
    });
    const skeleton = await store.getTraceSkeleton(trace);
    expect(skeleton).toEqual(expected);
    expect(skeleton.map(({ status }) => status.message)).toEqual([
      null,
      null,
      '"message":2',
      '"message":1',
    ]);
    expect(await store.getTraceSkeleton(traceId(79))).toEqual([]);
  });

  it('lists siblings that start in the same millisecond in the order of their ends', async () => {
    const start = 1_700_000_000_000_000_000n;
    const ends: [number, bigint | null][] = [
      [1, start + 9n],
      [2, null],
      [3, start + 4n],
      [4, start + 4n],
    ];
    const spans = ends.map(([n, endTimeUnixNano]) =>
      makeSpan({
        ...{ traceId: traceId(77), spanId: spanId(n), parentSpanId: spanId(99) },
        ...{ startTimeUnixNano: start, endTimeUnixNano },
      }),
    );
    await store.write({ spans: spans.map((span) => interpreted(span)), rewards: [] });
    const listed = (await store.getTrace(traceId(77))).map((span) => Number(`0x${span.spanId}`));
    expect(listed).toEqual([3, 4, 1, 2]);
  });

  it('gives a span with everything it can have back equal, keys in order', async () => {
    const full = makeSpan({
      traceId: traceId(1),
      spanId: spanId(1),
      parentSpanId: spanId(2),
      traceState: 'a=1,b=2',
      flags: 0x301,
      name: 'naïve 😀 "quoted" \\ back',
      kind: 5,
      startTimeUnixNano: 1_700_000_000_123_456_789n,
      endTimeUnixNano: 2n ** 64n - 1n,
      status: { code: 2, message: 'broken' },
      attributes: hostile,
      events: [
        {
          name: 'exception',
          timeUnixNano: 2n ** 63n + 1n,
          attributes: hostile,
          droppedAttributesCount: 3,
        },
      ],
      links: [
        {
          traceId: traceId(9),
          spanId: spanId(9),
          traceState: null,
          attributes: hostile,
          droppedAttributesCount: 0,
          flags: 1,
        },
      ],
      droppedAttributesCount: 1,
      droppedEventsCount: 2,
      droppedLinksCount: 3,
      resource: {
        attributes: hostile,
        droppedAttributesCount: 4,
        schemaUrl: 'https://example.org/r',
      },
      scope: {
        name: 'scope',
        version: null,
        attributes: hostile,
        droppedAttributesCount: 5,
        schemaUrl: 'https://example.org/s',
      },
    });
    const back = await roundTrip(full);
    expect(back).toEqual(full);
    expect(Object.keys(back.attributes)).toEqual(Object.keys(hostile));
    expect(Object.getPrototypeOf(back.attributes)).toBeNull();
    expect(back.attributes['__proto__']).toBe('data');
    expect((await store.getSpan(full))!.receivedAtUnixNano).toBe(42n);
  });

  it('keeps attributes of every shape exactly', async () => {
    let number = 1_000;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(cleanString, value, { maxKeys: 8 }), async (given) => {
        number += 1;
        const attributes = Object.assign(Object.create(null), given) as Attributes;
        const span = makeSpan({ traceId: traceId(number), attributes });
        const back = await roundTrip(span);
        expect(JSON.stringify(back.attributes)).toBe(JSON.stringify(attributes));
      }),
      { numRuns: 60 },
    );
  });

  it('puts U+FFFD in the place of NUL and of lone surrogates, everywhere', async () => {
    const bad = 'a\0b\ud800c\udc00d😀';
    const good = 'a\ufffdb\ufffdc\ufffdd😀';
    const back = await roundTrip(
      makeSpan({
        traceId: traceId(2),
        name: bad,
        attributes: attributes({ [bad]: bad, pair: '\\u0000', list: [bad] }),
        status: { code: 2, message: bad },
      }),
    );
    expect(back.name).toBe(good);
    expect(back.status.message).toBe(good);
    expect({ ...back.attributes }).toEqual({ [good]: good, pair: '\\u0000', list: [good] });
  });

  it.each([0n, 1n, 2n ** 63n, 2n ** 64n - 1n])(
    'keeps a start of %d as it came, and flags it',
    async (start) => {
      const id = `started ${start}`;
      const own = traceId(7_000 + Number(start % 1_000n));
      const span = { traceId: own, startTimeUnixNano: start, spanId: spanId(1) };
      const meaning = { role: 'agent' as const, executionId: id, taskId: id };
      const result = await store.write({ spans: [interpreted(span, meaning)], rewards: [] });
      expect(result).toMatchObject({ accepted: 1, refused: [] });
      expect((await store.getSpan(span))!.startTimeUnixNano).toBe(start);
      expect(await store.getExecution(id)).toMatchObject({
        startTimeUnixNano: start,
        flags: ['clock_skew'],
      });
    },
  );

  it.each([
    ['an upper-case trace id', { traceId: traceId(3).replace('0', 'A') }],
    ['a short span id', { spanId: 'abc' }],
    ['a start before 1970', { startTimeUnixNano: -1n }],
    ['an end beyond 64 bits', { endTimeUnixNano: 2n ** 64n }],
  ])('refuses %s and stores its neighbour', async (_what, change) => {
    const neighbour = interpreted({ traceId: traceId(4), spanId: spanId(4) });
    const result = await store.write({ spans: [interpreted(change), neighbour], rewards: [] });
    expect(result.refused).toEqual([
      { part: 'spans', index: 0, reason: expect.stringContaining('expected') as string },
    ]);
    expect(result.accepted).toBe(1);
    expect(await store.getTrace(traceId(4))).toHaveLength(1);
  });

  it.each([
    ['an id that no index can hold', { executionId: 'x'.repeat(513) }],
    ['an attempt of 0', { attempt: 0 }],
    ['a replication that is no whole number', { replication: 0.5 }],
    [
      'a link that asks for nothing',
      {
        links: [
          {
            target: { kind: 'query' as const, matches: [] },
            type: 'related',
            attributes: attributes({}),
            tags: [],
          },
        ],
      },
    ],
  ])('refuses %s', async (_what, meaning) => {
    const result = await store.write({ spans: [interpreted({}, meaning)], rewards: [] });
    expect(result).toMatchObject({ accepted: 0, refused: [{ part: 'spans', index: 0 }] });
  });

  it('counts what it has had already, in the same call and in the next', async () => {
    const span = interpreted({ traceId: traceId(5) });
    expect(await store.write({ spans: [span, span], rewards: [] })).toEqual({
      accepted: 2,
      duplicates: 1,
      refused: [],
    });
    expect((await store.write({ spans: [span], rewards: [] })).duplicates).toBe(1);
    expect(await store.getTrace(traceId(5))).toHaveLength(1);
  });

  it('lets finished beat unfinished, then the later end, then one content for all orders', async () => {
    const version = (name: string, end: bigint | null) =>
      interpreted({ traceId: traceId(6), name, endTimeUnixNano: end });
    const write = (...spans: ReturnType<typeof version>[]) => store.write({ spans, rewards: [] });
    const stored = async () => (await store.getTrace(traceId(6)))[0]!.name;
    await write(version('open', null));
    await write(version('late', 30n));
    expect(await stored()).toBe('late');
    await write(version('early', 20n), version('open again', null));
    expect(await stored()).toBe('late');
    await write(version('b', 30n));
    const winner = await stored();
    const other = await harness.openWithKey();
    await other.write({ spans: [version('b', 30n)], rewards: [] });
    await other.write({ spans: [version('late', 30n)], rewards: [] });
    expect((await other.getTrace(traceId(6)))[0]!.name).toBe(winner);
  });

  it('keeps 2,500 spans of one call, in the order of start and span id', async () => {
    const spans = Array.from({ length: 2_500 }, (_, index) =>
      interpreted({
        traceId: traceId(7),
        spanId: spanId(index + 1),
        startTimeUnixNano: BigInt(20_000 - (index % 100)),
      }),
    );
    expect((await store.write({ spans, rewards: [] })).accepted).toBe(2_500);
    const trace = await store.getTrace(traceId(7));
    expect(trace).toHaveLength(2_500);
    const order = trace.map((span) => `${span.startTimeUnixNano} ${span.spanId}`);
    expect(order).toEqual([...order].sort());
  });

  it('finds a span by its bare id when it is unique, and says so when not', async () => {
    const id = spanId(77_777);
    await store.write({ spans: [interpreted({ traceId: traceId(8), spanId: id })], rewards: [] });
    expect((await store.getSpan({ spanId: id }))!.traceId).toBe(traceId(8));
    await store.write({ spans: [interpreted({ traceId: traceId(9), spanId: id })], rewards: [] });
    await expect(store.getSpan({ spanId: id })).rejects.toMatchObject({
      name: InputError.name,
      code: 'ambiguous',
    });
    expect(await store.getSpan({ spanId: spanId(77_778) })).toBeNull();
    expect(await store.getSpan({ traceId: traceId(8), spanId: spanId(77_778) })).toBeNull();
    expect(await store.getTrace(traceId(999))).toEqual([]);
  });

  it('shares transactions among calls, up to so many spans', async () => {
    const shared = await harness.open({ maxSpansPerTransaction: 3 });
    const results = await Promise.all(
      [1, 2, 3, 4, 5].map((number) =>
        shared.write({
          spans: [1, 2].map((id) => interpreted({ traceId: traceId(number), spanId: spanId(id) })),
          rewards: [],
        }),
      ),
    );
    expect(results.map((result) => result.accepted)).toEqual([2, 2, 2, 2, 2]);
    expect((await shared.getTotals()).spans).toBe(10);
  });

  it('stores nothing for an empty batch', async () => {
    expect(await store.write({ spans: [], rewards: [] })).toEqual({
      accepted: 0,
      duplicates: 0,
      refused: [],
    });
  });

  it('refuses one poisoned row alone and keeps it in quarantine', async () => {
    const url = harness.newUrl();
    const poisoned = await harness.openAt(url);
    const connection = await harness.connect(url);
    for (const statement of poison[harness.dialect]) await connection.raw(statement);
    const spans = Array.from({ length: 40 }, (_, index) =>
      interpreted({
        traceId: traceId(index + 1),
        name: index === 17 || index === 31 ? 'poison' : 'fine',
      }),
    );
    const [result, neighbour] = await Promise.all([
      poisoned.write({ spans, rewards: [] }),
      poisoned.write({ spans: [interpreted({ traceId: traceId(99) })], rewards: [] }),
    ]);
    expect(result.accepted).toBe(38);
    expect(result.refused.map(({ index }) => index)).toEqual([17, 31]);
    expect(result.refused[0]!.reason).toContain('the database refused it');
    expect(neighbour).toEqual({ accepted: 1, duplicates: 0, refused: [] });
    const kept = await connection<{ part: string; body: string }>('quarantine').select(
      'part',
      'body',
    );
    expect(kept.map((row) => [row.part, row.body.includes('"poison"')])).toEqual([
      ['spans', true],
      ['spans', true],
    ]);
    expect((await poisoned.getTotals()).spans).toBe(39);
    // Who sends such rows for ever fills no disk: the latest thousand are kept.
    const [first] = await connection<{ key: number }>('quarantine').orderBy('key').pluck('key');
    await connection.raw('UPDATE quarantine SET key = key - 1000 WHERE key = ?', [first!]);
    const rewards = [makeReward({ name: 'poison' }), makeReward({ id: 'fine' })];
    expect((await poisoned.write({ spans: [], rewards })).refused).toMatchObject([
      { part: 'rewards', index: 0 },
    ]);
    expect((await poisoned.queryRewards({})).items.map((reward) => reward.id)).toEqual(['fine']);
    const parts = await connection<{ part: string }>('quarantine').orderBy('key').pluck('part');
    expect(parts).toEqual(['spans', 'rewards']);
    if (harness.dialect === 'postgres') {
      const full = ['poison', 'fine', 'full'].map((name, index) =>
        interpreted({ name, traceId: traceId(200 + index) }),
      );
      await expect(poisoned.write({ spans: full, rewards: [] })).rejects.toMatchObject({
        code: 'database_full',
      });
    }
    await connection.destroy();
  });
}

/** The database itself refuses what is called poison; Postgres also says that the disk is full. */
const poison = {
  sqlite: [
    `CREATE TRIGGER refuse BEFORE INSERT ON spans WHEN NEW.name = 'poison'
     BEGIN SELECT RAISE(ABORT, 'poisoned'); END`,
    `CREATE TRIGGER refuse_reward BEFORE INSERT ON rewards WHEN NEW.name = 'poison'
     BEGIN SELECT RAISE(ABORT, 'poisoned'); END`,
  ],
  postgres: [
    `ALTER TABLE spans ADD CONSTRAINT no_poison CHECK (name <> 'poison')`,
    `ALTER TABLE rewards ADD CONSTRAINT no_poison CHECK (name <> 'poison')`,
    `CREATE FUNCTION refuse_full() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$`,
    `CREATE TRIGGER full_disk BEFORE INSERT ON spans FOR EACH ROW WHEN (NEW.name = 'full')
     EXECUTE FUNCTION refuse_full()`,
  ],
};

const hostile = attributes({
  zeta: 'last letter first',
  alpha: 1,
  ['__proto__']: 'data',
  constructor: { map: attributes({ ['__proto__']: [1, { double: 2 }] }) },
  big: { int: '9223372036854775807' },
  whole: { double: 5 },
  fraction: 0.1,
  tiny: 5e-324,
  minusZero: { double: '-0' },
  nan: { double: 'NaN' },
  bytes: { bytes: 'AAEC' },
  list: [true, null, 'x', { map: attributes({}) }],
  'dotted.key with "quotes"': '',
});

const cleanString = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((text) => !text.includes('\0') && !/^\d+$/.test(text));

const value: fc.Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    cleanString,
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => ({ int: String(int) })),
    fc
      .constantFrom(...(['-0', 'NaN', 'Infinity', '-Infinity'] as const))
      .map((double) => ({ double })),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .dictionary(cleanString, tie('value'), { maxKeys: 3 })
      .map((map) => ({ map: Object.assign(Object.create(null), map) as Attributes })),
  ),
})).value;

/** The part of a stored span that came in. */
function onlyRecord(span: SpanRecord): SpanRecord {
  const names = Object.keys(makeSpan()) as (keyof SpanRecord)[];
  return Object.fromEntries(names.map((name) => [name, span[name]])) as unknown as SpanRecord;
}
