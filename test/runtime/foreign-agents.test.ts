import { createEvolution } from '../../src/runtime';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';

test('OpenInference without service.name: the agent is the root, and its tokens count', async () => {
  const evolution = await createEvolution({ databaseUrl: 'sqlite::memory:' });
  const { sink, store } = evolution;
  const resource = {
    attributes: attributes({ 'service.name': 'unknown_service:python' }),
    droppedAttributesCount: 0,
    schemaUrl: null,
  };
  const start = 1_700_000_000_000_000_000n;
  const spans = Array.from({ length: 24 }, (_, n) =>
    makeSpan({
      ...{ resource, traceId: traceId(1), spanId: spanId(n + 1) },
      parentSpanId: n === 0 ? null : spanId(n === 1 ? 1 : 2),
      name: n === 0 ? 'LangGraph' : n === 1 ? 'agent' : 'ChatOpenAI',
      startTimeUnixNano: start + BigInt(n),
      endTimeUnixNano: start + 1_000n - BigInt(n),
      attributes: attributes({
        'openinference.span.kind': n < 2 ? 'CHAIN' : 'LLM',
        ...(n < 2 ? {} : { 'llm.model_name': 'gpt', 'llm.token_count.prompt': 10 }),
        ...(n < 2 ? {} : { 'llm.token_count.completion': 5 }),
      }),
    }),
  );
  await sink.accept({ spans });
  const { items } = await store.listExecutions({});
  expect(items).toMatchObject([
    { agent: { id: 'LangGraph', name: 'LangGraph' }, spans: 24, llmCalls: 22 },
  ]);
  expect(items[0]).toMatchObject({ inputTokens: 220, outputTokens: 110 });
  expect((await store.listTraces({})).items).toMatchObject([{ agentId: 'LangGraph', spans: 24 }]);
  await evolution.close();
});
