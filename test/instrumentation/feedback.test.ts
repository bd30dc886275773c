import { context, trace } from '@opentelemetry/api';
import { InputError } from '../../src/errors';
import type { RewardInput, SpanTarget } from '../../src/instrumentation';
import { recordSpans, useAsyncContext } from './record-spans';

useAsyncContext();

const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

test('a reward is a carrier in a trace of its own with one link to the judged span', async () => {
  const { tracker, span } = recordSpans({ newId: () => 'made' });
  const id = await tracker.withTask({ id: 't' }, () =>
    tracker.withExecution({ id: 'e' }, (judged) =>
      tracker.linkReward(judged, {
        value: 0.75,
        dimensions: { cost: 0.2, accuracy: 1 },
        feedback: 'good',
        source: 'human',
        evaluator: 'ada',
        timestamp: 1_700_000_000_123_456_789n,
        supersedes: 'earlier',
        name: 'quality',
      }),
    ),
  );
  expect(id).toBe('made');
  const judged = await span('invoke_agent');
  const carrier = await span('evolution.reward');
  expect(carrier.parentSpanId).toBeNull();
  expect(carrier.traceId).not.toBe(judged.traceId);
  expect(carrier.startTimeUnixNano).toBe(1_700_000_000_123_456_789n);
  expect(carrier.endTimeUnixNano).toBe(1_700_000_000_123_456_789n);
  expect(carrier.links).toMatchObject([
    {
      traceId: judged.traceId,
      spanId: judged.spanId,
      attributes: { 'link.type': 'reward_for_operation' },
    },
  ]);
  // No id of the task or execution that was active: a carrier belongs to none.
  expect({ ...carrier.attributes }).toEqual({
    'reward.id': 'made',
    'reward.value': 0.75,
    'reward.source': 'human',
    'reward.feedback': 'good',
    'reward.evaluator': 'ada',
    'reward.supersedes': 'earlier',
    'reward.dimension.cost': 0.2,
    'reward.dimension.accuracy': 1,
    'gen_ai.evaluation.name': 'quality',
    'gen_ai.evaluation.score.value': 0.75,
  });
});

test('tags travel in the same way, each once', async () => {
  const { tracker, span } = recordSpans();
  await tracker.withTags(ids, ['a', 'b', 'a']);
  const carrier = await span('evolution.tags');
  expect(carrier.attributes['evolution.tags']).toEqual(['a', 'b']);
  expect(carrier.links).toMatchObject([
    { ...ids, attributes: { 'link.type': 'tags_for_operation' } },
  ]);
});

test.each<[string, (otelSpan: ReturnType<typeof trace.wrapSpanContext>) => SpanTarget]>([
  ['an id pair, in any case', () => ({ ...ids, traceId: ids.traceId.toUpperCase() })],
  ['a span of the OTel API', (span) => span],
  ['a bare span id that is known', () => ids.spanId],
])('the target may be %s', async (_name, target) => {
  const { tracker, span } = recordSpans({
    resolveSpanId: (spanId) => Promise.resolve(spanId === ids.spanId ? ids : null),
  });
  await tracker.linkReward(target(trace.wrapSpanContext({ ...ids, traceFlags: 1 })), { value: 1 });
  expect((await span('evolution.reward')).links).toMatchObject([ids]);
});

test('the target may be a query, and a bare span id that nobody knows yet is one', async () => {
  const { tracker, spans } = recordSpans({ resolveSpanId: () => Promise.resolve(null) });
  await tracker.linkReward({ attributes: { 'gen_ai.response.id': 'r-1', n: 2 } }, { value: 1 });
  await tracker.linkReward(ids.spanId.toUpperCase(), { value: 0 });
  const [query, later] = await spans();
  expect(query?.links).toEqual([]);
  expect(query?.attributes).toMatchObject({
    'agentlightning.link.0.key_match': 'gen_ai.response.id',
    'agentlightning.link.0.value_match': 'r-1',
    'agentlightning.link.1.key_match': 'n',
    'agentlightning.link.1.value_match': '2',
  });
  expect(later?.attributes).toMatchObject({
    'agentlightning.link.0.key_match': 'span_id',
    'agentlightning.link.0.value_match': ids.spanId,
  });
});

test('an ambiguous span id is an error for who asked', async () => {
  const ambiguous = new InputError('two spans', { code: 'ambiguous' });
  const { tracker, spans } = recordSpans({ resolveSpanId: () => Promise.reject(ambiguous) });
  await expect(tracker.linkReward(ids.spanId, { value: 1 })).rejects.toBe(ambiguous);
  expect(await spans()).toEqual([]);
});

test.each<[string, RewardInput]>([
  ['1.5', { value: 1.5 }],
  ['-0.1', { value: -0.1 }],
  ['NaN', { value: NaN }],
  ['"0.5"', { value: '0.5' as never }],
  ['undefined', { value: undefined as never }],
  ['dimensions.cost', { value: 1, dimensions: { cost: 2 } }],
  ['timestamp', { value: 1, timestamp: 1_700_000_000_000n }],
  ['valid Date', { value: 1, timestamp: new Date(NaN) }],
  ['source', { value: 1, source: 'robot' as never }],
])(
  'a reward that makes no sense is refused, and the message says what came: %s',
  async (text, reward) => {
    const { tracker, spans } = recordSpans();
    const rejection = expect(tracker.linkReward(ids, reward)).rejects;
    await rejection.toThrow(InputError);
    await expect(tracker.linkReward(ids, reward)).rejects.toThrow(text);
    expect(await spans()).toEqual([]);
  },
);

test.each<[SpanTarget]>([
  [{ traceId: 'zz', spanId: ids.spanId }],
  [{ ...ids, spanId: '0000000000000000' }],
  ['not an id'],
  [{ attributes: {} }],
])('a target that names no span is refused: %p', async (target) => {
  const { tracker } = recordSpans();
  await expect(tracker.linkReward(target, { value: 1 })).rejects.toThrow(InputError);
  await expect(tracker.withTags(ids, [])).rejects.toThrow(InputError);
  await expect(tracker.withTags(ids, [''])).rejects.toThrow(InputError);
});

test('feedback is sent even where tracing is suppressed, and at the time of a Date', async () => {
  const { tracker, span } = recordSpans();
  const suppressed = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
  await context.with(context.active().setValue(suppressed, true), () =>
    tracker.linkReward(ids, { value: 1, timestamp: new Date(1_700_000_000_123) }),
  );
  expect((await span('evolution.reward')).startTimeUnixNano).toBe(1_700_000_000_123_000_000n);
});
