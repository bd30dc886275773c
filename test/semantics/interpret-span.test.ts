import fc from 'fast-check';
import type { AttributeValue, Attributes } from '../../src/model/attributes';
import type { SpanRecord } from '../../src/model/span';
import { interpretSpan, redactSpan } from '../../src/semantics';
import { attributes, makeSpan } from '../support/make-span';

const roles = ['agent', 'llm', 'tool', 'retrieval', 'embedding', 'evaluator', 'chain', 'other'];
const policy = { captureContent: false, contentKey: new Uint8Array(32) };

const knownKeys = [
  ...['__proto__', 'constructor', 'toString', '', '.', 'a.', 'reward', 'annotations.0.annotation.'],
  ...['task.id', 'execution.attempt', 'agent.config', 'evolution.tags', 'execution.cost'],
  ...['evolution.config.a', 'evolution.propensity.a', 'reward.value', 'reward.dimension.a'],
  ...['gen_ai.operation.name', 'gen_ai.usage.input_tokens', 'gen_ai.tool.call.arguments'],
  ...['openinference.span.kind', 'traceloop.span.kind', 'ai.operationId', 'llm.cost.total'],
  ...['agentlightning.reward.0.value', 'agentlightning.reward..value', 'agentlightning.tag.0'],
  ...['agentlightning.link.0.key_match', 'agentlightning.link.0.value_match'],
  ...['annotations.0.annotation.name', 'annotations.0.annotation.score', 'error.type'],
  ...['session.evaluations.1.evaluation.name', 'session.evaluations.1.evaluation.label'],
  ...['agentops.task.output', 'password', 'input.value', 'link.type'],
];

const brokenValues: unknown[] = [{ map: null }, { int: {} }, { double: null }, { bytes: null }, {}];

const { value: hostileValue } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.constantFrom(
      'chat',
      'execute_tool',
      'LLM',
      'true',
      '{"a":{"b":[1,{"c":2}]}}',
      '[',
      '{"__proto__":1}',
    ),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.record({ int: fc.bigInt().map(String) }),
    fc.constantFrom<AttributeValue>(
      { double: 2 },
      { double: '-0' },
      { double: 'NaN' },
      { double: 'Infinity' },
    ),
    fc.record({ bytes: fc.base64String() }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys(), tie('value'), { maxKeys: 4 }).map((map) => ({ map: attributes(map) })),
    // No entrance makes these; they must do no harm all the same.
    fc.constantFrom(...(brokenValues as AttributeValue[])),
  ),
}));

const hostileAttributes = fc.dictionary(keys(), hostileValue, {
  maxKeys: 24,
  noNullPrototype: false,
});
const names = fc.oneof(
  fc.string(),
  fc.constantFrom('evolution.reward', 'evolution.tags', 'agentlightning.annotation', 'exception'),
  fc.constantFrom('gen_ai.evaluation.result', 'execute_tool ', 'gen_ai.user.message'),
);

describe('interpretSpan and redactSpan', () => {
  test('give a value for whatever comes, and leave the span as it was', () => {
    fc.assert(
      fc.property(names, names, hostileAttributes, hostileAttributes, (name, eventName, a, b) => {
        const link = {
          traceId: 'a'.repeat(32),
          spanId: 'b'.repeat(16),
          traceState: null,
          flags: 0,
        };
        const span = makeSpan({
          name,
          attributes: frozen(a),
          resource: { attributes: frozen(b), droppedAttributesCount: 0, schemaUrl: null },
          events: [
            { name: eventName, timeUnixNano: 0n, attributes: frozen(b), droppedAttributesCount: 0 },
          ],
          links: [{ ...link, attributes: frozen(b), droppedAttributesCount: 0 }],
        });
        const meaning = interpretSpan(span, { prices: {} });
        expect(roles).toContain(meaning.role);
        for (const tokens of [meaning.inputTokens, meaning.outputTokens]) {
          expect(tokens === null || tokens >= 0).toBe(true);
        }
        for (const { value } of meaning.rewards) {
          expect(value === null || (value >= 0 && value <= 1)).toBe(true);
        }
        const redacted = redactSpan({ span, meaning }, policy);
        expect(redacted.span.spanId).toBe(span.spanId);
        expect(Object.keys(redacted.span.attributes).length).toBeLessThanOrEqual(
          Object.keys(a).length,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('stand values 10,000 deep', () => {
    let list: AttributeValue = 'leaf';
    let map: AttributeValue = 'leaf';
    for (let depth = 0; depth < 10_000; depth++) {
      list = [list];
      map = { map: attributes({ m: map }) };
    }
    const json = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const span = makeSpan({
      attributes: attributes({
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.call.arguments': json,
        'agent.config': map,
        'input.value': list,
        other: map,
        another: list,
      }),
    });
    const redacted = redactSpan({ span, meaning: interpretSpan(span) }, policy);
    expect(JSON.stringify(redacted.span.attributes.other)).toContain('[too deep]');
    expect(redacted.span.attributes['input.value.length']).toBe(4);
    expect(redacted.meaning.toolArgumentsHash).toMatch(/^[0-9a-f]{32}$/);
  });

  test('say the same whatever the order of attributes', () => {
    const said: Attributes = {
      'llm.model_name': 'b',
      'gen_ai.request.model': 'a',
      'ai.model.id': 'c',
      'openinference.span.kind': 'CHAIN',
      'gen_ai.operation.name': 'chat',
      'gen_ai.tool.name': 'x',
      'session.id': 's2',
      'gen_ai.conversation.id': 's1',
      'agentlightning.rollout_id': 't2',
      'task.id': 't1',
    };
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(said), { minLength: 10 }), (entries) => {
        const span = makeSpan({ attributes: attributes(Object.fromEntries(entries)) });
        expect(interpretSpan(span)).toMatchObject({
          role: 'llm',
          model: 'a',
          sessionId: 's1',
          taskId: 't1',
        });
      }),
    );
  });
});

test('a reward keeps the id its sender gave it, so that another can supersede it', () => {
  const values = { 'reward.value': 1, 'reward.id': 'r-2', 'reward.supersedes': 'r-1' };
  const span = makeSpan({ name: 'evolution.reward', attributes: attributes(values) });
  expect(interpretSpan(span).rewards).toMatchObject([{ id: 'r-2', supersedes: 'r-1' }]);
});

describe('the agent where no service is named', () => {
  const agentOf = (change: Partial<SpanRecord>): string | null =>
    interpretSpan(
      makeSpan({
        resource: {
          attributes: attributes({ 'service.name': 'unknown_service:python' }),
          droppedAttributesCount: 0,
          schemaUrl: null,
        },
        ...change,
      }),
    ).agent.id;
  const kind = (value: string) => attributes({ 'openinference.span.kind': value });

  test('is called as its span, or as the chain that the trace begins with', () => {
    const child = { parentSpanId: '1'.repeat(16) };
    expect(agentOf({ ...child, name: 'ReActAgent', attributes: kind('AGENT') })).toBe('ReActAgent');
    expect(agentOf({ name: 'LangGraph', attributes: kind('CHAIN') })).toBe('LangGraph');
    expect(agentOf({ ...child, name: 'RunnableSequence', attributes: kind('CHAIN') })).toBeNull();
    expect(agentOf({ ...child, name: 'ChatOpenAI', attributes: kind('LLM') })).toBeNull();
    const invoked = attributes({ 'gen_ai.operation.name': 'invoke_agent' });
    expect(agentOf({ name: 'invoke_agent planner', attributes: invoked })).toBe('planner');
    expect(agentOf({ name: 'invoke_agent', attributes: invoked })).toBeNull();
  });

  test("is Phoenix's project where the resource names one", () => {
    const resource = {
      attributes: attributes({ 'openinference.project.name': 'support' }),
      droppedAttributesCount: 0,
      schemaUrl: null,
    };
    expect(agentOf({ resource, attributes: kind('LLM') })).toBe('support');
  });
});

describe('prices', () => {
  const prices = { small: { inputUsdPerMillionTokens: 2, outputUsdPerMillionTokens: 10 } };
  const costOf = (values: Attributes): number | null =>
    interpretSpan(makeSpan({ attributes: attributes(values) }), { prices }).costUsd;
  const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'small' };

  test('stand in where no cost was sent', () => {
    expect(
      costOf({ ...call, 'gen_ai.usage.input_tokens': 1_000, 'gen_ai.usage.output_tokens': 100 }),
    ).toBe(0.003);
  });

  test('yield to a cost that was sent', () => {
    expect(costOf({ ...call, 'gen_ai.usage.input_tokens': 1_000, 'llm.cost.total': 0.5 })).toBe(
      0.5,
    );
  });

  test('leave unknown what they do not know', () => {
    expect(costOf(call)).toBeNull();
    expect(
      costOf({ ...call, 'gen_ai.request.model': 'toString', 'gen_ai.usage.input_tokens': 5 }),
    ).toBeNull();
    expect(
      costOf({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.request.model': 'small',
        'gen_ai.usage.input_tokens': 5,
      }),
    ).toBeNull();
  });
});

function keys(): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom(...knownKeys), fc.string());
}

function frozen(values: Record<string, AttributeValue>): Attributes {
  return Object.freeze(attributes(values));
}
