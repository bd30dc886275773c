import type { Attributes } from '../../../src/model/attributes';
import { interpretSpan, redactSpan, type RedactionPolicy } from '../../../src/semantics';
import { attributes, makeSpan } from '../../support/make-span';
import { contentPlacements } from './content-placements';

const policy: RedactionPolicy = {
  captureContent: false,
  contentKey: new Uint8Array(32).fill(7),
};
const said = 'canary';
const sentence =
  'My sister has been in hospital since Monday, please move all of my bookings to May.';

/** Every text that is left of the span. */
function storedOf(change: Parameters<typeof makeSpan>[0]): string {
  const span = makeSpan(change);
  const { span: kept, meaning } = redactSpan({ span, meaning: interpretSpan(span) }, policy);
  return JSON.stringify([kept, meaning], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

const event = (name: string, values: Attributes) => ({
  name,
  timeUnixNano: 1n,
  attributes: attributes(values),
  droppedAttributesCount: 0,
});

const onSpans = Object.entries(contentPlacements).flatMap(([framework, { span, keys }]) =>
  (keys ?? []).map((key) => ({ framework, key, span: span ?? {} })),
);
const onEvents = Object.entries(contentPlacements).flatMap(([framework, { span, events }]) =>
  Object.entries(events ?? {}).flatMap(([name, keys]) =>
    keys.map((key) => ({ framework, name, key, span: span ?? {} })),
  ),
);

describe('content is dropped by default', () => {
  test('under at least 174 known placements', () => {
    expect(onSpans.length + onEvents.length).toBeGreaterThanOrEqual(174);
  });

  test.each(onSpans)('$framework: $key', ({ key, span }) => {
    for (const value of [
      said,
      [said],
      { map: attributes({ text: said }) },
      { bytes: btoa(said) },
    ]) {
      const stored = storedOf({ attributes: attributes({ ...span, [key]: value }) });
      expect(stored).not.toContain(said);
      expect(stored).not.toContain(btoa(said));
      expect(stored).toContain(`${key}.length`);
    }
  });

  test.each(onEvents)('$framework: event $name, $key', ({ name, key, span }) => {
    const events = [event(name, { [key]: said })];
    const stored = storedOf({ attributes: attributes(span), events });
    expect(stored).not.toContain(said);
    expect(stored).toContain(`${key}.length`);
  });

  test.each(['agent', 'llm', 'tool'])('long text under unknown keys on a span of an %s', (role) => {
    const kinds = { agent: 'invoke_agent', llm: 'chat', tool: 'execute_tool' };
    const kind = { 'gen_ai.operation.name': kinds[role as keyof typeof kinds] };
    const values = [sentence, 'x'.repeat(200), ['short', sentence], [[sentence]]];
    for (const value of values) {
      const stored = storedOf({
        attributes: attributes({ ...kind, 'acme.note': value }),
        events: [event('progress', { 'acme.step': value })],
      });
      expect(stored).not.toContain('hospital');
      expect(stored).not.toContain('xxx');
    }
  });
});

describe('what is no content stays', () => {
  test.each([
    ['gen_ai.request.model', 'gpt-4o-mini'],
    ['gen_ai.request.reasoning_effort', 'high'],
    ['gen_ai.output.type', 'json'],
    ['gen_ai.prompt.0.role', 'user'],
    ['gen_ai.completion.0.finish_reason', 'tool_calls'],
    ['gen_ai.prompt.name', 'triage-v3'],
    ['gen_ai.tool.call.id', 'call_n2HaWg9KFP0BZDqXv6G4b3nJ'],
    ['gen_ai.response.id', 'resp_0e32bda5b6259ecd00694279e49fe48194b26952c13124bd05'],
    ['gen_ai.usage.prompt_tokens', '12'],
    ['gen_ai.tool.description', `Looks up bookings. ${sentence} ${sentence}`],
    ['gen_ai.tool.definitions', `[{"name":"search","description":"${sentence} ${sentence}"}]`],
    ['gen_ai.evaluation.explanation', sentence],
    ['llm.input_messages.0.message.role', 'assistant'],
    ['llm.output_messages.0.message.tool_calls.0.tool_call.function.name', 'get_weather'],
    ['llm.invocation_parameters', '{"temperature":0.2,"stop":["Observation:"],"stream":true}'],
    ['input.mime_type', 'application/json'],
    ['haystack.component.input_types', 'str'],
    ['customer.plan', 'gold'],
    ['tenant.region', 'eu-central-1'],
    ['feature', 'new checkout with two steps'],
    ['evolution.config.prompt', 'template-4'],
    ['reward.feedback', sentence],
    ['exception.message', sentence],
    ['error.message', sentence],
    ['http.request.method', 'POST'],
    ['http.request.body.size', '1024'],
    ['url.full', 'https://example.com/search?q=blue+shoes&page=2'],
    ['process.command_args', '["node","app.js"]'],
    ['messaging.message.id', 'b9b1b7f2'],
    ['lk.function_tool.name', 'check_availability'],
    ['mcp.method.name', 'tools/call'],
    ['mlflow.spanType', '"LLM"'],
    ['genkit:name', 'testFlow'],
  ])('%s', (key, value) => {
    const span = makeSpan({
      attributes: attributes({ 'gen_ai.operation.name': 'chat', [key]: value }),
    });
    const { attributes: left } = redactSpan({ span, meaning: interpretSpan(span) }, policy).span;
    expect(left[key]).toBe(value);
  });

  test('long text on spans of anything else', () => {
    expect(storedOf({ attributes: attributes({ 'acme.note': sentence }) })).toContain('hospital');
  });

  test('a role, a type or an id that is a sentence is no label', () => {
    expect(
      storedOf({ attributes: attributes({ 'gen_ai.prompt.0.role': sentence }) }),
    ).not.toContain('hospital');
  });
});
