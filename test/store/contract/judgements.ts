import { InputError } from '../../../src/errors';
import type { EvolutionStore } from '../../../src/model/ports';
import type { LinkClaim, RewardTarget } from '../../../src/model/reward';
import { attributes, spanId, traceId } from '../../support/make-span';
import { makeReward } from '../make-reward';
import { interpreted, type StoreHarness } from './harness';

/** Rewards, links and tags: whichever side comes first. */
export function judgementContract(harness: StoreHarness): void {
  let store: EvolutionStore;
  beforeEach(async () => {
    store = await harness.open();
  });

  const root = interpreted(
    { traceId: traceId(1), spanId: spanId(1), attributes: attributes({ 'operation.id': 'op' }) },
    { role: 'agent', executionId: 'e', taskId: 't', sessionId: 's' },
  );
  const part = interpreted(
    { traceId: traceId(1), spanId: spanId(2), parentSpanId: spanId(1) },
    { role: 'tool', executionId: 'e' },
  );
  const write = (...spans: ReturnType<typeof interpreted>[]) => store.write({ spans, rewards: [] });
  const rewardsOf = async (): Promise<unknown> => ({ ...(await store.getExecution('e'))!.rewards });

  const targets: [string, RewardTarget][] = [
    ['the execution', { kind: 'execution', executionId: 'e' }],
    ['its root span', { kind: 'span', traceId: traceId(1), spanId: spanId(1) }],
    ['its trace', { kind: 'trace', traceId: traceId(1) }],
    ['its task', { kind: 'task', taskId: 't' }],
    ['a part of it', { kind: 'span', traceId: traceId(1), spanId: spanId(2) }],
    ['a span by query', { kind: 'query', matches: [{ key: 'operation.id', value: 'op' }] }],
    [
      'a span by its ids as a query',
      {
        kind: 'query',
        matches: [
          { key: 'trace_id', value: traceId(1) },
          { key: 'span_id', value: spanId(2) },
        ],
      },
    ],
    [
      'a trace’s first span by query',
      { kind: 'query', matches: [{ key: 'trace_id', value: traceId(1) }] },
    ],
  ];

  it.each(targets)('judges by %s, after the spans', async (_what, target) => {
    await write(root, part);
    const reward = await store.recordReward(makeReward({ target, value: 0.5 }));
    expect(reward).toEqual({
      ...makeReward({ target, value: 0.5 }),
      superseded: false,
      resolved: true,
    });
    expect(await rewardsOf()).toEqual({ reward: 0.5 });
    expect((await store.getExecution('e'))!.success).toBe(true);
  });

  it.each(targets)('judges by %s, before the spans', async (_what, target) => {
    const early = await store.recordReward(makeReward({ target, value: 0.25 }));
    expect(early.resolved).toBe(false);
    await write(part);
    await write(root);
    expect(await rewardsOf()).toEqual({ reward: 0.25 });
    expect((await store.getExecution('e'))!.success).toBe(false);
    expect((await store.queryRewards({})).items[0]!.resolved).toBe(true);
  });

  it.each(['before', 'after'])(
    'takes rewards that a span carries, %s what they judge',
    async (when) => {
      const carrier = interpreted(
        { traceId: traceId(7) },
        {
          carrier: true,
          rewards: [
            makeReward({ value: 0.5 }),
            makeReward({
              id: 'by query',
              name: 'style',
              value: 1,
              target: { kind: 'query', matches: [{ key: 'operation.id', value: 'op' }] },
            }),
          ],
        },
      );
      for (const span of when === 'before' ? [carrier, root] : [root, carrier]) await write(span);
      expect(await rewardsOf()).toEqual({ reward: 0.5, style: 1 });
    },
  );

  it('keeps a judgement of the session apart', async () => {
    await write(root);
    const target = { kind: 'session' as const, sessionId: 's' };
    expect((await store.recordReward(makeReward({ target }))).resolved).toBe(true);
    expect(await rewardsOf()).toEqual({});
  });

  it('folds sources, dimensions and revisions', async () => {
    await write(root, part);
    await store.write({
      spans: [],
      rewards: [
        makeReward({ id: 'llm', source: 'llm', value: 0, dimensions: { style: 0.25 } }),
        makeReward({ id: 'first', source: 'human', evaluator: 'ann', value: 0 }),
        makeReward({
          id: 'second',
          source: 'human',
          evaluator: 'bob',
          value: 0.5,
          timestampUnixNano: 5n,
        }),
        makeReward({
          id: 'revised',
          source: 'human',
          evaluator: 'ann',
          value: 1,
          supersedes: 'first',
        }),
        makeReward({ id: 'label', value: null, label: 'good', name: 'tone' }),
      ],
    });
    expect(await rewardsOf()).toEqual({ reward: 0.75, style: 0.25 });
    const { items } = await store.queryRewards({});
    expect(items.filter((reward) => reward.superseded).map((reward) => reward.id)).toEqual([
      'first',
    ]);
  });

  it('takes a revision that comes before what it revises', async () => {
    await write(root);
    await store.recordReward(
      makeReward({
        id: 'new',
        value: 0.25,
        supersedes: 'old',
        target: { kind: 'task', taskId: 'x' },
      }),
    );
    await store.recordReward(makeReward({ id: 'old', value: 1 }));
    expect(await rewardsOf()).toEqual({});
  });

  it('withdraws a judgement whose revision comes later, of whatever target', async () => {
    await write(root);
    await store.recordReward(makeReward({ id: 'old', value: 1 }));
    expect(await rewardsOf()).toEqual({ reward: 1 });
    await store.recordReward(
      makeReward({ id: 'new', supersedes: 'old', target: { kind: 'session', sessionId: 's' } }),
    );
    expect(await rewardsOf()).toEqual({});
  });

  it('stores one judgement once', async () => {
    await write(root);
    await store.recordReward(makeReward());
    await store.recordReward(makeReward());
    expect((await store.queryRewards({})).items).toHaveLength(1);
  });

  it.each([
    ['a value above 1', { value: 1.5 }],
    ['a dimension that is not a number', { dimensions: { style: NaN } }],
    ['no id', { id: '' }],
    ['a name that is too long', { name: 'x'.repeat(513) }],
    ['a time before 1970', { timestampUnixNano: -1n }],
    ['a query for nothing', { target: { kind: 'query' as const, matches: [] } }],
  ])('refuses %s', async (_what, change) => {
    const reward = makeReward(change);
    await expect(store.recordReward(reward)).rejects.toThrow(InputError);
    const carried = interpreted({}, { rewards: [reward] });
    const result = await store.write({ spans: [carried, root], rewards: [reward] });
    expect(result.accepted).toBe(1);
    expect(result.refused.map(({ part: list, index }) => [list, index])).toEqual([
      ['spans', 0],
      ['rewards', 0],
    ]);
  });

  it('finds rewards by everything a query names', async () => {
    await write(root, part);
    const at = (id: string, target: RewardTarget, timestampUnixNano: bigint, name = 'reward') =>
      makeReward({ id, target, timestampUnixNano, name });
    await store.write({
      spans: [],
      rewards: [
        at('execution', { kind: 'execution', executionId: 'e' }, 1n),
        at('task', { kind: 'task', taskId: 't' }, 2n),
        at('trace', { kind: 'trace', traceId: traceId(1) }, 3n),
        at('span', { kind: 'span', traceId: traceId(1), spanId: spanId(2) }, 4n, 'style'),
        at('elsewhere', { kind: 'execution', executionId: 'other' }, 5n),
      ],
    });
    const ids = async (query: Parameters<EvolutionStore['queryRewards']>[0]) =>
      (await store.queryRewards(query)).items.map((reward) => reward.id);
    expect(await ids({})).toEqual(['elsewhere', 'span', 'trace', 'task', 'execution']);
    expect(await ids({ executionId: 'e' })).toEqual(['span', 'trace', 'execution']);
    expect(await ids({ taskId: 't' })).toEqual(['span', 'trace', 'task', 'execution']);
    expect(await ids({ traceId: traceId(1) })).toEqual(['span', 'trace']);
    expect(await ids({ traceId: traceId(1), spanId: spanId(2) })).toEqual(['span']);
    expect(await ids({ name: 'style' })).toEqual(['span']);
    expect(await ids({ source: 'human' })).toEqual([]);
    expect(await ids({ sinceUnixNano: 2n, untilUnixNano: 4n })).toEqual(['trace', 'task']);
    expect(await ids({ limit: 2 })).toEqual(['elsewhere', 'span']);
  });

  const claim = (change: Partial<LinkClaim> = {}): LinkClaim => ({
    target: { kind: 'span', traceId: traceId(1), spanId: spanId(1) },
    type: 'related',
    attributes: attributes({ 'link.type': 'related' }),
    tags: [],
    ...change,
  });
  const linking = (change: Partial<LinkClaim>) =>
    interpreted(
      { traceId: traceId(5), spanId: spanId(5) },
      { carrier: true, links: [claim(change)] },
    );

  it('links spans, whichever comes first', async () => {
    await write(linking({}));
    const [early] = (await store.queryLinks({ traceId: traceId(5) })).items;
    expect(early).toEqual({
      traceId: traceId(5),
      spanId: spanId(5),
      linkedTraceId: traceId(1),
      linkedSpanId: spanId(1),
      type: 'related',
      attributes: attributes({ 'link.type': 'related' }),
      resolved: false,
    });
    await write(root);
    expect((await store.queryLinks({})).items[0]!.resolved).toBe(true);
    const from = { traceId: traceId(5), spanId: spanId(5) };
    const to = { traceId: traceId(1), spanId: spanId(1) };
    const ids = (spans: readonly { spanId: string }[]) => spans.map((span) => span.spanId);
    expect(ids(await store.queryLinkedSpans(from))).toEqual([spanId(1)]);
    expect(ids(await store.queryLinkedSpans(to, { direction: 'incoming' }))).toEqual([spanId(5)]);
    expect(ids(await store.queryLinkedSpans(from, { type: 'other' }))).toEqual([]);
    expect(ids(await store.queryLinkedSpans(to))).toEqual([]);
  });

  const byQuery = (...matches: [string, string][]): LinkClaim['target'] => ({
    kind: 'query',
    matches: matches.map(([key, value]) => ({ key, value })),
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('joins a link by query that comes %s its target, with its tags', async (_when, first) => {
    const link = linking({ target: byQuery(['operation.id', 'op']), tags: ['checked'] });
    await write(first ? link : root);
    await write(first ? root : link);
    expect((await store.queryLinks({})).items[0]).toMatchObject({
      linkedSpanId: spanId(1),
      resolved: true,
    });
    expect((await store.getSpan({ spanId: spanId(1) }))!.tags).toEqual(['checked']);
    expect((await store.getExecution('e'))!.tags).toEqual(['checked']);
  });

  it('compares every kind of attribute by its text, and all matches must hold', async () => {
    const values = {
      text: '7',
      int: 7,
      big: { int: '9007199254740993' },
      double: { double: 7 },
      fraction: 0.25,
      nan: { double: 'NaN' as const },
      yes: true,
      none: null,
      bytes: { bytes: 'AAEC' },
      list: [1, 'x'],
    };
    await write(
      interpreted({ traceId: traceId(3), spanId: spanId(3), attributes: attributes(values) }),
    );
    const pairs: [string, string][] = [
      ['text', '7'],
      ['int', '7'],
      ['big', '9007199254740993'],
      ['double', '7'],
      ['fraction', '0.25'],
      ['nan', 'NaN'],
      ['yes', 'true'],
      ['none', 'null'],
      ['bytes', 'AAEC'],
      ['list', '[1,"x"]'],
    ];
    const from = { traceId: traceId(5), spanId: spanId(5) };
    const target = async (matches: [string, string][]) =>
      (await store.createLink(from, claim({ target: byQuery(...matches) }))).linkedSpanId;
    for (const pair of pairs) expect([pair, await target([pair])]).toEqual([pair, spanId(3)]);
    expect(await target(pairs)).toBe(spanId(3));
    expect(await target([...pairs.slice(0, 9), ['list', '[1]']])).toBeNull();
    expect(await target([['text', '8']])).toBeNull();
    for (const [key, value] of pairs) {
      const found = await store.querySpans({ attributes: { [key]: value } });
      expect([key, found.items.length]).toEqual([key, 1]);
    }
  });

  it('means the first of several spans that match, and another when that one changes', async () => {
    const target = byQuery(['operation.id', 'op']);
    const operation = (id: number, start: bigint, end: bigint | null, value = 'op') =>
      interpreted({
        traceId: traceId(id),
        spanId: spanId(id),
        startTimeUnixNano: start,
        endTimeUnixNano: end,
        attributes: attributes({ 'operation.id': value }),
      });
    const linked = async () => (await store.queryLinks({})).items[0]!.linkedSpanId;
    await write(linking({ target, tags: ['x'] }), operation(3, 30n, null));
    await store.recordReward(makeReward({ target }));
    expect(await linked()).toBe(spanId(3));
    await write(operation(2, 20n, null));
    expect(await linked()).toBe(spanId(2));
    expect((await store.getSpan({ spanId: spanId(3) }))!.tags).toEqual([]);
    await write(operation(2, 20n, 25n, 'changed'));
    expect(await linked()).toBe(spanId(3));
    await write(operation(3, 30n, 35n, 'changed'));
    expect(await linked()).toBeNull();
    expect((await store.queryRewards({})).items[0]!.resolved).toBe(false);
    expect((await store.queryByTags(['x'])).items).toEqual([]);
  });

  it('creates a link by hand once, with tags for its target', async () => {
    const from = { traceId: traceId(5), spanId: spanId(5) };
    const link = await store.createLink(
      from,
      claim({ tags: ['good'], type: 'tags_for_operation' }),
    );
    expect(link).toMatchObject({ ...from, linkedSpanId: spanId(1), resolved: false });
    await store.createLink(from, claim({ tags: ['good'], type: 'tags_for_operation' }));
    expect((await store.queryLinks({})).items).toHaveLength(1);
    await write(root);
    expect((await store.getSpan({ spanId: spanId(1) }))!.tags).toEqual(['good']);
  });

  it('refuses links and tags that cannot be', async () => {
    const from = { traceId: traceId(5), spanId: spanId(5) };
    await expect(store.createLink({ ...from, spanId: 'x' }, claim())).rejects.toThrow(
      '16 lower-case',
    );
    await expect(store.createLink(from, claim({ target: byQuery() }))).rejects.toThrow('1 to 16');
    await expect(store.createLink(from, claim({ tags: [''] }))).rejects.toThrow('1 to 512');
    await expect(
      store.createLink(from, claim({ target: { kind: 'span', traceId: 'x', spanId: 'y' } })),
    ).rejects.toThrow('16 lower-case');
    await expect(store.tagSpan(from, ['x'.repeat(513)])).rejects.toThrow('1 to 512');
  });

  it('tags a span before and after it comes', async () => {
    const address = { traceId: traceId(1), spanId: spanId(1) };
    await store.tagSpan(address, ['early', 'early']);
    expect((await store.listTraces({})).items).toEqual([]);
    await write(root);
    await store.tagSpan(address, ['late']);
    expect((await store.getSpan(address))!.tags).toEqual(['early', 'late']);
    expect((await store.getExecution('e'))!.tags).toEqual(['early', 'late']);
    expect((await store.queryByTags(['late'])).items).toHaveLength(1);
  });

  it('joins what came by query with spans that were stored before the first query', async () => {
    const many = Array.from({ length: 1_100 }, (_, index) =>
      interpreted({
        traceId: traceId(50),
        spanId: spanId(index + 1),
        attributes: attributes({ 'late.key': `v${index}`, decoy: '"late.key"' }),
      }),
    );
    const nested = { outer: { map: attributes({ 'late.key': 'v1077' }) } };
    await write(...many, interpreted({ traceId: traceId(49), attributes: attributes(nested) }));
    const link = await store.createLink(
      { traceId: traceId(5), spanId: spanId(5) },
      claim({ target: byQuery(['late.key', 'v1077']) }),
    );
    expect(link.linkedSpanId).toBe(spanId(1_078));
    await write(interpreted({ traceId: traceId(48), attributes: attributes(nested) }));
    expect((await store.queryLinks({})).items[0]!.linkedSpanId).toBe(spanId(1_078));
  });

  it('cleans the keys of queries like values: a NUL in one gave 500 to all that was committed with it', async () => {
    const key = 'k\0e\ud800y';
    const from = (n: number) => ({ traceId: traceId(70 + n), spanId: spanId(1) });
    const link = (n: number) =>
      interpreted(from(n), { links: [claim({ target: byQuery([key, 'a\0']) })] });
    const reward = makeReward({ id: 'by a bad key', target: byQuery([key, 'a\0']), value: 1 });
    const results = await Promise.all([
      write(root),
      write(link(1)),
      store.write({ spans: [], rewards: [reward] }),
      write(interpreted({ ...from(2), attributes: attributes({ [key]: 'a\0' }) })),
    ]);
    for (const { refused, accepted } of results) expect([accepted, refused]).toEqual([1, []]);
    expect((await store.queryLinks({})).items).toMatchObject([
      { linkedTraceId: traceId(72), linkedSpanId: spanId(1) },
    ]);
    expect((await store.queryRewards({})).items).toMatchObject([{ resolved: true }]);
    const byHand = await store.createLink(from(3), claim({ target: byQuery(['new\0', 'x']) }));
    expect(byHand.resolved).toBe(false);
  });

  it('keeps a span whose tag, agent id or link type is too long, and says what it left out', async () => {
    const long = 'x'.repeat(513);
    const links = [claim({ tags: [long, 'good'] }), claim({ type: long })];
    const spans = [
      part,
      interpreted(
        { traceId: traceId(90), spanId: spanId(1) },
        {
          ...{ role: 'agent', tags: [long, 'kept'], links, executionId: 'reduced' },
          agent: { id: long, name: null, version: null, type: null },
        },
      ),
    ];
    const result = await store.write({ spans, rewards: [] });
    expect(result).toMatchObject({ accepted: 2, refused: [] });
    expect(result.reduced!.map(({ index, reason }) => `${index} ${reason}`)).toEqual([
      '1 cut its agent id to 512 characters',
      '1 left out 1 tags of more than 512 characters',
      '1 left out 1 links with a type of more than 512 characters',
      '1 left out 1 tags of a link of more than 512 characters',
    ]);
    expect(await store.getExecution('reduced')).toMatchObject({
      tags: ['kept'],
      agent: { id: 'x'.repeat(512) },
    });
    expect((await store.queryLinks({})).items).toHaveLength(1);
  });

  it('keeps a span whose link has a query key beyond 256, and its neighbours', async () => {
    store = await harness.open({ matchKeys: { newPerHour: 1_000 } });
    const spans = Array.from({ length: 257 }, (_, index) =>
      interpreted(
        { traceId: traceId(index + 1) },
        { links: [claim({ target: byQuery([`key${index}`, 'x']) })] },
      ),
    );
    const result = await store.write({ spans, rewards: [] });
    expect(result).toMatchObject({ accepted: 257, refused: [] });
    expect(result.reduced).toHaveLength(1);
    expect(result.reduced![0]!.reason).toContain('256 different keys');
    expect((await store.queryLinks({ limit: 1_000 })).items).toHaveLength(256);
    const from = { traceId: traceId(5), spanId: spanId(5) };
    await expect(
      store.createLink(from, claim({ target: byQuery(['one more', 'x']) })),
    ).rejects.toThrow('256');
    expect((await store.write({ spans, rewards: [] })).duplicates).toBe(257);
    const reward = makeReward({ target: byQuery(['one more', 'x']) });
    expect((await store.write({ spans: [], rewards: [reward] })).refused).toHaveLength(1);
  });

  it('hides no other source behind one that floods a run', async () => {
    await write(root);
    const said = makeReward({ source: 'human', evaluator: 'ann', value: 0, timestampUnixNano: 1n });
    await store.write({ spans: [], rewards: [said] });
    for (let sent = 0; sent < 6_000; sent += 2_000) {
      const flood = Array.from({ length: 2_000 }, (_, i) =>
        makeReward({ id: `flood-${sent + i}`, timestampUnixNano: BigInt(2 + sent + i) }),
      );
      await store.write({ spans: [], rewards: flood });
    }
    expect(await rewardsOf()).toEqual({ reward: 0 });
  });
}
