import type { z } from 'zod';
import type { EvolutionStats } from '../../src/model/query';
import type { Reward, RewardTarget } from '../../src/model/reward';
import type { Span } from '../../src/model/span';
import type { Execution, Task } from '../../src/model/task';
import * as wire from '../../src/wire';
import { expectDocument } from '../support/expect-document';
import { attributes, makeSpan } from '../support/make-span';
import { makePattern } from '../support/make-pattern';
import { makeReward } from '../store/make-reward';

const task: Task = {
  id: 't',
  type: null,
  input: null,
  status: 'running',
  agentId: 'a',
  sessionId: null,
  createdAtUnixNano: 1_700_000_000_000_000_001n,
  completedAtUnixNano: null,
  executions: 2,
  tags: ['x'],
  reward: { mean: 0.5, executions: 1 },
};

const execution: Execution = {
  id: 'e',
  taskId: 't',
  attempt: 1,
  replication: 0,
  agent: { id: 'a', name: null, version: null, type: null },
  sessionId: null,
  config: attributes({ windowSize: { double: 5 } }),
  status: 'completed',
  startTimeUnixNano: 9_007_199_254_740_993n,
  endTimeUnixNano: null,
  spans: 3,
  llmCalls: 1,
  toolCalls: 1,
  errors: 0,
  inputTokens: null,
  outputTokens: null,
  costUsd: null,
  rewards: { reward: 1 },
  success: true,
  exposures: [],
  tags: [],
  flags: ['late_spans'],
  closed: true,
};

const span: Span = {
  ...makeSpan({
    events: [
      {
        name: 'exception',
        timeUnixNano: 1_700_000_000_500_000_000n,
        attributes: attributes({ 'exception.type': 'Error' }),
        droppedAttributesCount: 1,
      },
    ],
    links: [
      {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: '00f067aa0ba902b7',
        traceState: null,
        attributes: attributes({}),
        droppedAttributesCount: 0,
        flags: 0,
      },
    ],
  }),
  taskId: 't',
  executionId: 'e',
  agentId: 'a',
  role: 'tool',
  model: null,
  tool: 'search',
  inputTokens: null,
  outputTokens: null,
  costUsd: null,
  errorType: null,
  toolArgumentsHash: 'ab',
  tags: [],
  receivedAtUnixNano: 1_700_000_002_000_000_000n,
};

const reward: Reward = { ...makeReward(), superseded: false, resolved: true };

const stats: EvolutionStats = {
  agentId: 'a',
  timeRange: { startUnixNano: 1n, endUnixNano: null },
  executions: 4,
  judged: 3,
  rewarded: 2,
  successRate: { value: 0.5, interval: { lower: 0.15, upper: 0.85 } },
  meanReward: null,
  latencyMs: { p50: 1, p95: 2, p99: 3 },
  costUsd: null,
  tokens: { input: 10, output: null },
  errors: 0,
  tools: [{ name: 'search', calls: 2, errors: 1 }],
  latestRuns: 4,
  latestUnrewarded: 1,
};

const pattern = makePattern();

/** Wire keys that stand for a model key of another name. */
const renamed: Readonly<Record<string, string>> = {
  created_at_unix_nano: 'created_at',
  completed_at_unix_nano: 'completed_at',
  received_at_unix_nano: 'received_at',
  first_seen_unix_nano: 'first_seen',
  last_tested_unix_nano: 'last_tested',
};

const documents: readonly [string, z.ZodType, object, object][] = [
  ['task', wire.taskSchema, task, wire.taskToWire(task)],
  ['execution', wire.executionSchema, execution, wire.executionToWire(execution)],
  ['span', wire.spanSchema, span, wire.spanToWire(span)],
  ['reward', wire.rewardSchema, reward, wire.rewardToWire(reward)],
  ['pattern', wire.patternSchema, pattern, wire.patternToWire(pattern)],
  ['agent stats', wire.agentStatsSchema, stats, wire.agentStatsToWire(stats)],
];

test.each(documents)(
  'a %s is a document of its schema, and no part is left behind',
  (_, schema, model, json) => {
    expectDocument(schema, json);
    const expected = Object.keys(model)
      .map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
      .map((key) => renamed[key] ?? key);
    expect(Object.keys(json)).toEqual(expect.arrayContaining(expected));
  },
);

test('times of the store are RFC 3339 with nanoseconds, those of runs exact integers as text', () => {
  expect(wire.taskToWire(task)).toMatchObject({
    created_at: '2023-11-14T22:13:20.000000001Z',
    completed_at: null,
  });
  expect(wire.executionToWire(execution)).toMatchObject({
    start_time_unix_nano: '9007199254740993',
    end_time_unix_nano: null,
  });
});

test.each<[RewardTarget, object]>([
  [
    { kind: 'span', traceId: span.traceId, spanId: span.spanId },
    { kind: 'span', trace_id: span.traceId, span_id: span.spanId },
  ],
  [
    { kind: 'session', sessionId: 's' },
    { kind: 'session', session_id: 's' },
  ],
  [
    { kind: 'query', matches: [{ key: 'a', value: 'b' }] },
    { kind: 'query', matches: [{ key: 'a', value: 'b' }] },
  ],
])('the target of a reward: %j', (target, expected) => {
  const json = wire.rewardToWire({ ...reward, target });
  expect(json.target).toEqual(expected);
  expectDocument(wire.rewardSchema, json);
});

test('what is not finite is unknown', () => {
  const endless = { ...pattern.effect, estimate: NaN, interval: { lower: 0, upper: Infinity } };
  expect(wire.patternToWire({ ...pattern, effect: endless }).effect).toMatchObject({
    estimate: null,
    interval: null,
  });
});

test('a trace is a skeleton with the parts that were asked for, all of them make the span', () => {
  const [skeleton] = wire.traceToWire(span.traceId, [span], []).items;
  expect(skeleton).not.toHaveProperty('attributes');
  expect(skeleton).not.toHaveProperty('resource');
  const [whole] = wire.traceToWire(span.traceId, [span], wire.traceParts).items;
  expect(whole).toEqual(wire.spanToWire(span));
  expectDocument(wire.traceSchema, wire.traceToWire(span.traceId, [span], ['events']));
});

test('a row of the stats says the success rate as a number', () => {
  const totals = { tasks: 1, executions: 4, spans: 9, links: 0, rewards: 0, tags: 0 };
  const jobs = {
    backlog: { traces: 1, executions: 2 },
    failed: { traces: 0, executions: 1 },
    errors: [{ traceId: span.traceId, reason: 'a planted fault' }],
    leaseHolder: null,
    slices: 3,
    failures: 1,
    lastSliceMillis: 2.5,
    unlistedSpans: 12,
    lastCloseUnixNano: 1_700_000_000_000_000_000n,
    matchKeys: { known: 3, waiting: 1, refusedClaims: 2 },
    retention: {
      ...{ maxAgeMillis: 43_200_000, maxBytes: null },
      ...{ lastRunUnixNano: null, removedTraces: 4, removedSpans: 40 },
    },
    learningRefusal: 'kept because of how they went',
  };
  const json = wire.statsToWire(totals, [stats, { ...stats, successRate: null }], jobs);
  expectDocument(wire.statsSchema, json);
  expect(json.jobs).toMatchObject({
    backlog: { traces: 1, executions: 2 },
    last_close: '2023-11-14T22:13:20.000000000Z',
    match_keys: { known: 3, indexing: 1, refused_claims: 2 },
    retention: {
      ...{ max_age_days: 0.5, max_size_bytes: null },
      ...{ last_run: null, removed_traces: 4, removed_spans: 40 },
    },
    learning_refusal: 'kept because of how they went',
  });
  expect(json.agents).toMatchObject([
    { success_rate: 0.5, success_rate_interval: [0.15, 0.85] },
    { success_rate: null, success_rate_interval: null },
  ]);
});

test('attribute keys stay as they came, values become plain JSON', () => {
  expect(
    wire.toPlainAttributes(
      attributes({
        someKey: { double: 5 },
        'a.bigInt': { int: '9007199254740993' },
        nested: { map: attributes({ innerKey: [1, { bytes: 'AA==' }] }) },
        __proto__x: 'kept',
      }),
    ),
  ).toEqual({
    someKey: 5,
    'a.bigInt': '9007199254740993',
    nested: { innerKey: [1, 'AA=='] },
    __proto__x: 'kept',
  });
  expect(wire.toPlainValue({ double: 'NaN' })).toBe('NaN');
});

test('a hostile attribute key stays data', () => {
  const hostile = JSON.parse('{"__proto__": "evil"}') as Record<string, string>;
  const plain = wire.toPlainAttributes(hostile);
  expect(Object.getOwnPropertyNames(plain)).toEqual(['__proto__']);
  expect(JSON.stringify(plain)).toBe('{"__proto__":"evil"}');
});
