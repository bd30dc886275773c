import { InputError } from '../../../src/errors';
import type { EvolutionStore } from '../../../src/model/ports';
import type { RecordFilter } from '../../../src/model/query';
import { attributes, spanId, traceId } from '../../support/make-span';
import { makeReward } from '../make-reward';
import { collect, interpreted, type StoreHarness } from './harness';

/** Filters, pages and figures. */
export function queryContract(harness: StoreHarness): void {
  let store: EvolutionStore;
  beforeAll(async () => {
    store = await harness.open();
    await store.write({ spans: [1, 2, 3, 4, 5].flatMap(run), rewards: [1, 2, 3, 4].map(rewardOf) });
    await store.write({
      spans: [interpreted({ traceId: traceId(9), startTimeUnixNano: 9_000n })],
      rewards: [],
    });
  });

  const runs = async (filter: RecordFilter) => ({
    tasks: (await store.listTasks(filter)).items.map((task) => task.id),
    executions: (await store.listExecutions(filter)).items.map((execution) => execution.id),
    spans: (await store.querySpans(filter)).items.map((span) => span.spanId.replace(/^0+/, '')),
    traces: (await store.listTraces(filter)).items.map((trace) => trace.traceId.replace(/^0+/, '')),
  });
  const ofRun2 = { tasks: ['t2'], executions: ['e2'], traces: ['2'] };

  it('filters executions by what they were exposed to, one exposure at a time', async () => {
    const exposed = await harness.open();
    const exposure = (change: object) => ({
      ...{ experimentId: null, variant: null, adaptationId: null, patternId: null, ...change },
    });
    const both = [
      exposure({ experimentId: 'x', variant: 'control' }),
      exposure({ experimentId: 'y', variant: 'treatment', adaptationId: 'a' }),
    ];
    const run = (n: number, exposures: typeof both) =>
      interpreted(
        { traceId: traceId(n), spanId: spanId(n) },
        { role: 'agent', executionId: `run ${n}`, exposures },
      );
    await exposed.write({
      spans: [
        run(1, both),
        run(2, [exposure({ experimentId: 'x', variant: 'treatment' })]),
        run(3, []),
      ],
      rewards: [],
    });
    const ids = async (filter: RecordFilter): Promise<string[]> =>
      (await exposed.listExecutions(filter)).items.map(({ id }) => id).sort();
    expect(await ids({ experimentId: 'x' })).toEqual(['run 1', 'run 2']);
    expect(await ids({ experimentId: 'x', variant: 'treatment' })).toEqual(['run 2']);
    expect(await ids({ variant: 'treatment' })).toEqual(['run 1', 'run 2']);
    expect(await ids({ adaptationId: 'a' })).toEqual(['run 1']);
    expect(await ids({ adaptationId: 'b' })).toEqual([]);
    expect((await exposed.querySpans({ adaptationId: 'a' })).items).toHaveLength(1);
    expect((await exposed.listTasks({ experimentId: 'y' })).items).toHaveLength(1);
    expect((await exposed.getExecution('run 1'))!.exposures).toEqual(both);
    expect((await exposed.getExecution('run 3'))!.exposures).toEqual([]);
  });

  it('refuses a key that no filter has, with the nearest one', async () => {
    const query = { agentID: 'a' } as RecordFilter;
    for (const list of ['listTasks', 'listExecutions', 'querySpans', 'listTraces'] as const) {
      await expect(store[list](query)).rejects.toThrow(/agentID.*Did you mean "agentId"/);
    }
  });

  it.each<[string, RecordFilter, Awaited<ReturnType<typeof runs>>]>([
    ['task', { taskId: 't2' }, { ...ofRun2, spans: ['21', '22', '23'] }],
    ['execution', { executionId: 'e2' }, { ...ofRun2, spans: ['21', '22', '23'] }],
    ['trace', { traceId: traceId(2) }, { ...ofRun2, spans: ['21', '22', '23'] }],
    ['session', { sessionId: 's2' }, { ...ofRun2, spans: ['21', '22', '23'] }],
    ['config', { config: { window: '2' } }, { ...ofRun2, spans: ['21', '22', '23'] }],
    ['attributes', { attributes: { run: '2', 'a "key"': 'x' } }, { ...ofRun2, spans: ['22'] }],
    ['model', { model: 'm2' }, { ...ofRun2, spans: ['22'] }],
    ['tool and role', { tool: 'tool2', role: 'tool' }, { ...ofRun2, spans: ['23'] }],
    [
      'nothing that exists',
      { model: 'm2', tool: 'tool2' },
      { tasks: [], executions: [], spans: [], traces: [] },
    ],
    [
      'hostile text',
      { taskId: `' OR 1=1 --\0` },
      { tasks: [], executions: [], spans: [], traces: [] },
    ],
    [
      'task type',
      { taskType: 'odd', traceId: traceId(3) },
      { tasks: ['t3'], executions: ['e3'], spans: ['31', '32', '33'], traces: ['3'] },
    ],
    [
      'agent, newest first',
      { agentId: 'agent-even' },
      { tasks: ['t4', 't2'], executions: ['e4', 'e2'], spans: ['21', '41'], traces: ['4', '2'] },
    ],
    [
      'status',
      { status: 'failed' },
      { tasks: ['t5'], executions: ['e5'], spans: ['51', '52', '53'], traces: ['5'] },
    ],
    [
      'time range, the end excluded',
      { sinceUnixNano: 2_000n, untilUnixNano: 3_000n },
      { ...ofRun2, spans: ['21', '22', '23'] },
    ],
    [
      'all tags',
      { tags: ['even', 'Run-2'] },
      { tasks: ['t2'], executions: ['e2'], spans: ['21'], traces: ['2'] },
    ],
    [
      'any tag',
      { tags: ['Run-2', 'Run-3'], tagMatch: 'any' },
      { tasks: ['t3', 't2'], executions: ['e3', 'e2'], spans: ['21', '31'], traces: ['3', '2'] },
    ],
    [
      'tags by prefix',
      { tags: ['Run-', 'ev'], tagMatch: 'prefix', sinceUnixNano: 3_000n },
      { tasks: ['t4'], executions: ['e4'], spans: ['41'], traces: ['4'] },
    ],
    [
      'tags, not quite',
      { tags: ['rnu-2', 'EVN'], tagMatch: 'fuzzy', untilUnixNano: 3_000n },
      { ...ofRun2, spans: ['21'] },
    ],
  ])('filters by %s', async (_what, filter, expected) => {
    expect(await runs(filter)).toEqual(expected);
  });

  it('finds spans by tags', async () => {
    expect((await store.queryByTags(['odd'])).items.map((span) => span.taskId)).toEqual([
      't1',
      't3',
      't5',
    ]);
    const page = await store.queryByTags(['odd', 'even'], { match: 'any', limit: 2 });
    expect(page.items.map((span) => span.taskId)).toEqual(['t1', 't2']);
  });

  it.each([1, 2, 3, 1_000])(
    'walks every list in pages of %i without loss or repeat',
    async (limit) => {
      const spans = await collect((cursor) => store.querySpans({ limit, cursor }));
      expect(new Set(spans.map((span) => span.traceId + span.spanId)).size).toBe(16);
      expect(spans).toHaveLength(16);
      const executions = await collect((cursor) => store.listExecutions({ limit, cursor }));
      expect(executions.map((execution) => execution.id)).toEqual(['e5', 'e4', 'e3', 'e2', 'e1']);
      expect(await collect((cursor) => store.listTasks({ limit, cursor }))).toHaveLength(5);
      const traces = await collect((cursor) => store.listTraces({ limit, cursor }));
      expect(traces[0]!.traceId).toBe(traceId(9));
      expect(traces).toHaveLength(6);
      expect(await collect((cursor) => store.queryRewards({ limit, cursor }))).toHaveLength(4);
      expect(await collect((cursor) => store.queryLinks({ limit, cursor }))).toHaveLength(5);
    },
  );

  const cursorOf = (...parts: unknown[]): string =>
    Buffer.from(JSON.stringify(parts)).toString('base64url');

  it.each([
    ['no base64', '%%%'],
    ['no list', Buffer.from('7').toString('base64url')],
    ['another list', cursorOf('tasks', '1', '1')],
    ['too few parts', cursorOf('spans', '1')],
    ['a part of another kind', cursorOf('spans', 1, '1')],
    ['a number beyond 64 bits', cursorOf('spans', '9223372036854775808', '1')],
    ['no number', cursorOf('spans', 'x', '1')],
  ])('refuses a cursor with %s', async (_what, cursor) => {
    await expect(store.querySpans({ cursor })).rejects.toThrow(InputError);
  });

  it.each([0, 1_001, 1.5, NaN])('refuses a limit of %d', async (limit) => {
    await expect(store.listTasks({ limit })).rejects.toThrow('limit of 1 to 1000');
  });

  it('sums up an agent', async () => {
    expect(await store.getStats({ agentId: 'agent-odd' })).toEqual({
      ...{ latestRuns: 3, latestUnrewarded: 1, judged: 2, rewarded: 2 },
      agentId: 'agent-odd',
      timeRange: { startUnixNano: 1_000n, endUnixNano: 5_000n },
      executions: 3,
      successRate: {
        value: 0.5,
        interval: {
          lower: expect.closeTo(0.0945, 4) as number,
          upper: expect.closeTo(0.9055, 4) as number,
        },
      },
      meanReward: 0.5,
      latencyMs: { p50: 3, p95: 5, p99: 5 },
      costUsd: 9,
      tokens: { input: 90, output: 9 },
      errors: 1,
      tools: [
        { name: 'tool1', calls: 1, errors: 0 },
        { name: 'tool3', calls: 1, errors: 0 },
        { name: 'tool5', calls: 1, errors: 0 },
      ],
    });
    expect(
      await store.getStats({ agentId: 'agent-odd', sinceUnixNano: 2_000n, untilUnixNano: 4_000n }),
    ).toMatchObject({
      executions: 1,
      timeRange: { startUnixNano: 2_000n, endUnixNano: 4_000n },
      tools: [{ name: 'tool3', calls: 1, errors: 0 }],
    });
    expect(await store.getStats({ agentId: 'nobody' })).toMatchObject({
      executions: 0,
      timeRange: { startUnixNano: null, endUnixNano: null },
      successRate: null,
      meanReward: null,
      latencyMs: null,
      costUsd: null,
      tokens: { input: null, output: null },
      errors: 0,
    });
  });

  it('sums up the same from hours and from the runs at the ends of a range', async () => {
    const many = await harness.open();
    const minute = 60_000_000_000n;
    const spans = Array.from({ length: 40 }, (_, n) =>
      interpreted(
        {
          traceId: traceId(n + 1),
          startTimeUnixNano: BigInt(n) * 25n * minute,
          endTimeUnixNano: BigInt(n) * 25n * minute + minute,
          status: { code: n % 7 === 0 ? 2 : 1, message: null },
        },
        { role: 'agent', inputTokens: n + 1, success: n % 3 === 0, costUsd: n },
      ),
    );
    await many.write({ spans, rewards: [] });
    const all = (await many.listExecutions({ limit: 100 })).items;
    for (const [from, to] of [
      [0n, 1_000n],
      [60n, 120n],
      [61n, 119n],
      [59n, 601n],
      [120n, 471n],
      [333n, 540n],
    ]) {
      const range = { sinceUnixNano: from! * minute, untilUnixNano: to! * minute };
      const own = all.filter(
        ({ startTimeUnixNano: at }) => at >= range.sinceUnixNano && at < range.untilUnixNano,
      );
      const sum = (of: (one: (typeof all)[number]) => number | null): number =>
        own.reduce((total, one) => total + (of(one) ?? 0), 0);
      expect(await many.getStats(range)).toMatchObject({
        executions: own.length,
        errors: sum(({ errors }) => errors),
        costUsd: sum(({ costUsd }) => costUsd) || null,
        tokens: { input: sum(({ inputTokens }) => inputTokens), output: null },
        successRate: {
          value: own.filter(({ success }) => success === true).length / own.length,
        },
        latestRuns: own.length,
        judged: own.filter(({ success }) => success !== null).length,
        rewarded: own.filter(({ rewards }) => Object.keys(rewards).length > 0).length,
      });
    }
  });

  it('takes percentiles exactly, by nearest rank', async () => {
    const many = await harness.open();
    const spans = Array.from({ length: 200 }, (_, index) =>
      interpreted(
        {
          traceId: traceId(index + 1),
          startTimeUnixNano: 0n,
          endTimeUnixNano: BigInt(index + 1) * 1_000_000n,
        },
        { role: 'agent' },
      ),
    );
    await many.write({ spans, rewards: [] });
    expect((await many.getStats({})).latencyMs).toEqual({ p50: 100, p95: 190, p99: 198 });
  });

  it('counts, lists agents, answers a ping and keeps its key', async () => {
    expect(await store.getTotals()).toEqual({
      tasks: 5,
      executions: 5,
      spans: 16,
      links: 5,
      rewards: 4,
      tags: 7,
    });
    expect(await store.listAgents()).toEqual(['agent-even', 'agent-odd']);
    await store.ping();
    await store.ping();
    const key = await store.contentKey();
    expect(key).toHaveLength(32);
    expect(await store.contentKey()).toEqual(key);
    expect(await (await harness.open()).contentKey()).not.toEqual(key);
  });

  it('answers a list of tasks, a trace and an execution by index, not by a walk over all rows', async () => {
    const url = harness.newUrl();
    const planned = await harness.openAt(url);
    await planned.write({ spans: [1, 2, 3].flatMap(run), rewards: [] });
    await planned.close();
    const connection = await harness.connect(url);
    const plans = await Promise.all(
      [
        `SELECT * FROM tasks AS k ORDER BY k.created_at DESC, k.key DESC LIMIT 101`,
        `SELECT * FROM spans AS s JOIN traces AS t ON t.key = s.trace_key WHERE t.trace_id = 'x'`,
        `SELECT * FROM spans AS s WHERE s.execution_key = 1 ORDER BY s.start_time, s.key LIMIT 101`,
      ].map(async (sql) => {
        if (harness.dialect === 'postgres') {
          return connection.transaction(async (trx) => {
            // Three rows would be walked; the question is whether an index could serve.
            await trx.raw('SET LOCAL enable_seqscan = off');
            const plan = await trx.raw<{ rows: Record<string, string>[] }>(`EXPLAIN ${sql}`);
            return plan.rows.map((row) => row['QUERY PLAN']).join('\n');
          });
        }
        const rows = await connection.raw<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`);
        return rows.map((row) => row.detail).join('\n');
      }),
    );
    await connection.destroy();
    for (const plan of plans)
      expect(plan).not.toMatch(/^SCAN (?!k USING INDEX)|Seq Scan|TEMP B-TREE/m);
  });
}

/** A run of three spans: agent, llm, tool; run 5 fails, runs 1 and 2 succeed. */
function run(number: number): ReturnType<typeof interpreted>[] {
  const parity = number % 2 === 0 ? 'even' : 'odd';
  const id = (index: number): string => `${number}${index}`.padStart(16, '0');
  const start = BigInt(number * 1_000);
  const base = { traceId: traceId(number), endTimeUnixNano: start + BigInt(number) * 1_000_000n };
  const meaning = { executionId: `e${number}`, taskId: `t${number}` };
  return [
    interpreted(
      {
        ...base,
        spanId: id(1),
        startTimeUnixNano: start,
        status: { code: number === 5 ? 2 : 0, message: null },
        links: [],
      },
      {
        ...meaning,
        role: 'agent',
        agent: { id: `agent-${parity}`, name: null, version: null, type: null },
        taskType: parity,
        sessionId: `s${number}`,
        config: attributes({ window: number }),
        tags: [parity, `Run-${number}`],
        links: [
          {
            target: { kind: 'span', traceId: traceId(1), spanId: spanId(1) },
            type: 'related',
            attributes: attributes({}),
            tags: [],
          },
        ],
      },
    ),
    interpreted(
      {
        ...base,
        spanId: id(2),
        parentSpanId: id(1),
        startTimeUnixNano: start + 1n,
        attributes: attributes({ run: number, 'a "key"': 'x' }),
      },
      {
        ...meaning,
        role: 'llm',
        model: `m${number}`,
        inputTokens: number * 10,
        outputTokens: number,
        costUsd: number,
      },
    ),
    interpreted(
      { ...base, spanId: id(3), parentSpanId: id(1), startTimeUnixNano: start + 2n },
      { ...meaning, role: 'tool', tool: `tool${number}` },
    ),
  ];
}

const rewardOf = (number: number) =>
  makeReward({
    id: `r${number}`,
    target: { kind: 'execution', executionId: `e${number}` },
    value: number <= 2 ? 1 : 0,
  });
