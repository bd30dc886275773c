import { createHmac } from 'node:crypto';
import type { Attributes } from '../../../src/model/attributes';
import type { InterpretedSpan, SpanRecord } from '../../../src/model/span';
import {
  interpretSpan,
  redactReward,
  redactSpan,
  type RedactionPolicy,
} from '../../../src/semantics';
import { describeWithData } from '../../support/data-dir';
import { readLangfuseSpans } from '../../support/langfuse-spans';
import { attributes, makeSpan } from '../../support/make-span';

const contentKey = new Uint8Array(32).fill(7);
const policy: RedactionPolicy = { captureContent: false, contentKey };
const capturing: RedactionPolicy = { captureContent: true, contentKey };
const secret = 'sk-proj-abcdefgh12345678abcdefgh';

function understood(change: Partial<SpanRecord>): InterpretedSpan {
  const span = makeSpan(change);
  return { span, meaning: interpretSpan(span) };
}

function redacted(values: Attributes, with_ = policy): Attributes {
  return redactSpan(understood({ attributes: attributes(values) }), with_).span.attributes;
}

describe('content', () => {
  test('goes, its length stays', () => {
    expect(
      redacted({
        'gen_ai.operation.name': 'chat',
        'gen_ai.input.messages': '[{"role":"user"}]',
        'gen_ai.output.messages': [{ map: attributes({ role: 'assistant', content: 'four' }) }],
        'gen_ai.usage.prompt_tokens': 12,
        'llm.token_count.prompt': '12',
        'llm.prompts': { bytes: 'AAAA' },
      }),
    ).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages.length': 17,
      'gen_ai.output.messages.length': 13,
      'gen_ai.usage.prompt_tokens': 12,
      'llm.token_count.prompt': '12',
      'llm.prompts.length': 4,
    });
  });

  test('stays where it is captured, without its secrets', () => {
    const captured = redactSpan(
      understood({
        attributes: attributes({ 'task.input': `use ${secret}`, 'input.value': 'hi' }),
      }),
      capturing,
    );
    expect(captured.span.attributes).toEqual({ 'task.input': 'use [masked]', 'input.value': 'hi' });
    expect(captured.meaning.taskInput).toBe('use [masked]');
  });

  test('the task input is no part of the meaning unless it is captured', () => {
    const span = understood({ attributes: attributes({ 'task.input': 'find the bug' }) });
    expect(span.meaning.taskInput).toBe('find the bug');
    expect(redactSpan(span, policy).meaning.taskInput).toBeNull();
    expect(redactSpan(span, capturing).meaning.taskInput).toBe('find the bug');
  });

  test('goes from events and links too; an exception keeps its message without secrets', () => {
    const event = (name: string, values: Attributes) => ({
      name,
      timeUnixNano: 1n,
      attributes: attributes(values),
      droppedAttributesCount: 0,
    });
    const link = {
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      traceState: null,
      attributes: attributes({ 'input.value': 'hello', 'link.type': 'related' }),
      droppedAttributesCount: 0,
      flags: 0,
    };
    const { span, meaning } = redactSpan(
      understood({
        events: [
          event('gen_ai.user.message', { content: 'hello', role: 'user' }),
          event('note', { content: 'not a message' }),
          event('exception', { 'exception.message': `401 for ${secret}` }),
        ],
        links: [link],
        status: { code: 2, message: `401 for ${secret}` },
      }),
      policy,
    );
    expect(span.events.map((each) => ({ ...each.attributes }))).toEqual([
      { 'content.length': 5, role: 'user' },
      { 'content.length': 13 },
      { 'exception.message': '401 for [masked]' },
    ]);
    expect(span.status.message).toBe('401 for [masked]');
    expect(span.links[0]?.attributes).toEqual({ 'input.value.length': 5, 'link.type': 'related' });
    expect(meaning.links[0]?.attributes).toEqual({
      'input.value.length': 5,
      'link.type': 'related',
    });
  });

  test('a configuration keeps its prompt knob and loses its secrets', () => {
    const { span, meaning } = redactSpan(
      understood({
        attributes: attributes({
          'agent.config': '{"prompt":"template-3","api_key":"0123","db":{"password":"pw"}}',
          'evolution.config.prompt': 'template-4',
        }),
      }),
      policy,
    );
    expect(meaning.config).toEqual({
      prompt: 'template-4',
      api_key: '[masked]',
      'db.password': '[masked]',
    });
    expect(span.attributes['agent.config']).toBe(
      '{"prompt":"template-3","api_key":"[masked]","db":{"password":"[masked]"}}',
    );
    const asMap = { map: attributes({ prompt: 'template-3', password: 'pw' }) };
    expect(redacted({ 'agent.config': asMap })).toEqual({
      'agent.config': { map: { prompt: 'template-3', password: '[masked]' } },
    });
  });
});

describe('tool arguments', () => {
  const hashOf = (values: Attributes): string | null =>
    redactSpan(
      understood({
        attributes: attributes({ 'gen_ai.operation.name': 'execute_tool', ...values }),
      }),
      policy,
    ).meaning.toolArgumentsHash;

  test('leave an HMAC under the key of the store', () => {
    const expected = createHmac('sha256', contentKey)
      .update('{"a":1,"b":[true,null]}')
      .digest('hex');
    expect(hashOf({ 'gen_ai.tool.call.arguments': '{"b":[true,null],  "a":1}' })).toBe(
      expected.slice(0, 32),
    );
  });

  test('are the same in every dialect and every order of members', () => {
    const hashes = [
      { 'gen_ai.tool.call.arguments': '{"q":"x","n":{"k":1,"j":2}}' },
      {
        'gen_ai.tool.call.arguments': {
          map: attributes({ n: { map: attributes({ j: 2, k: 1 }) }, q: 'x' }),
        },
      },
      { 'input.value': ' {"n": {"j": 2, "k": 1}, "q": "x"} ' },
      { 'tool.parameters': '{"q":"x","n":{"k":1,"j":2}}' },
      { 'ai.toolCall.args': '{"q":"x","n":{"k":1,"j":2}}' },
      { 'traceloop.entity.input': '{"q":"x","n":{"k":1,"j":2}}' },
    ].map(hashOf);
    expect(new Set(hashes).size).toBe(1);
    expect(hashOf({ 'gen_ai.tool.call.arguments': '{"q":"y"}' })).not.toBe(hashes[0]);
  });

  test('that are no JSON are hashed as they stand, those of other spans not at all', () => {
    expect(hashOf({ 'input.value': 'ls -l' })).toMatch(/^[0-9a-f]{32}$/);
    expect(hashOf({})).toBeNull();
    const chat = understood({ attributes: attributes({ 'input.value': 'ls -l' }) });
    expect(redactSpan(chat, policy).meaning.toolArgumentsHash).toBeNull();
  });
});

describe('secrets', () => {
  test('are masked by key and by form, at any place', () => {
    const resource = {
      attributes: attributes({ 'service.name': 'a', 'deployment.api_key': 'plain-words' }),
      droppedAttributesCount: 0,
      schemaUrl: null,
    };
    const scope = {
      name: 's',
      version: null,
      attributes: attributes({ secret: 'plain-words' }),
      droppedAttributesCount: 0,
      schemaUrl: null,
    };
    const { span, meaning } = redactSpan(
      understood({
        name: `call ${secret}`,
        resource,
        scope,
        attributes: attributes({
          'agent.name': `bot ${secret}`,
          'http.request.header.authorization': ['plain-words'],
          'evolution.tags': ['ok', secret],
          nested: { map: attributes({ list: [{ map: attributes({ password: 'pw', port: 1 }) }] }) },
          'gen_ai.usage.input_tokens': 3,
          token: 5,
        }),
      }),
      policy,
    );
    expect(span.name).toBe('call [masked]');
    expect(span.attributes).toEqual({
      'agent.name': 'bot [masked]',
      'http.request.header.authorization': '[masked]',
      'evolution.tags': ['ok', '[masked]'],
      nested: { map: { list: [{ map: { password: '[masked]', port: 1 } }] } },
      'gen_ai.usage.input_tokens': 3,
      token: 5,
    });
    expect(span.resource.attributes['deployment.api_key']).toBe('[masked]');
    expect(span.scope.attributes.secret).toBe('[masked]');
    expect(meaning.agent.name).toBe('bot [masked]');
    expect(meaning.agent.id).toMatch(/^bot \[masked\]-[0-9a-f]{16}$/);
    expect(meaning.tags).toEqual(['ok', '[masked]']);
  });

  test('of a resource are masked in the meaning of every span, first or not', () => {
    const resource = {
      attributes: attributes({ 'agent.id': secret }),
      droppedAttributesCount: 0,
      schemaUrl: null,
    };
    for (const spanId of ['1'.repeat(16), '2'.repeat(16)]) {
      const { meaning } = redactSpan(understood({ spanId, resource }), policy);
      expect(meaning.agent.id).toMatch(/^\[masked\]-[0-9a-f]{16}$/);
    }
  });

  test('named by the user are masked, and none where masking is off', () => {
    const extra = { ...policy, extraSecretKeys: ['X-Internal-Pin'] };
    expect(redacted({ 'x-internal-pin': 'abc' }, extra)).toEqual({ 'x-internal-pin': '[masked]' });
    const off = { ...policy, maskSecrets: false };
    expect(redacted({ password: 'abc', note: secret }, off)).toEqual({
      password: 'abc',
      note: secret,
    });
  });

  test('in feedback are masked', () => {
    const [claim] = interpretSpan(
      makeSpan({
        name: 'evolution.reward',
        attributes: attributes({ 'reward.value': 1, 'reward.feedback': `it leaked ${secret}` }),
      }),
    ).rewards;
    expect(claim && redactReward(claim, policy).feedback).toBe('it leaked [masked]');
  });
});

describe('what does not change', () => {
  test('is the same object', () => {
    const plain = understood({ attributes: attributes({ 'gen_ai.operation.name': 'chat', n: 1 }) });
    expect(redactSpan(plain, policy)).toBe(plain);
    const [reward] = interpretSpan(
      makeSpan({ name: 'evolution.reward', attributes: attributes({ 'reward.value': 1 }) }),
    ).rewards;
    expect(reward && redactReward(reward, policy)).toBe(reward);
  });

  test('spans of one resource still share it', () => {
    const resource = {
      attributes: attributes({ password: 'pw' }),
      droppedAttributesCount: 0,
      schemaUrl: null,
    };
    const [a, b] = ['1', '2'].map((digit) =>
      redactSpan(understood({ spanId: digit.repeat(16), resource }), policy),
    );
    expect(a?.span.resource).toBe(b?.span.resource);
    expect(a?.span.resource).not.toBe(resource);
  });

  test('redacting twice is redacting once', () => {
    const once = redactSpan(
      understood({
        attributes: attributes({ 'input.value': 'abc', password: 'pw', url: `?sig=${secret}` }),
      }),
      policy,
    );
    expect(redactSpan(once, policy)).toEqual(once);
  });
});

describeWithData('the spans of 20 frameworks', () => {
  /** Descriptions of tools and models, settings and names: long, and nothing that was said. */
  const describing =
    /^(llm\.tools|llm\.invocation_parameters|gen_ai\.tool\.(definitions|description)|api_url|logfire\.json_schema|model_request_parameters|ai\.response\.providerMetadata|langfuse\.observation\.metadata\..*|llm\.model_name|gen_ai\.request\.model)/;

  test('keep no long text beyond descriptions', async () => {
    const kept = new Set<string>();
    let dropped = 0;
    for (const span of [...(await readLangfuseSpans()).values()].flat()) {
      const { attributes: left } = redactSpan({ span, meaning: interpretSpan(span) }, policy).span;
      dropped += Object.keys(left).filter((key) => key.endsWith('.length')).length;
      for (const [key, value] of Object.entries(left)) {
        if (JSON.stringify(value).length > 80 && !describing.test(key)) kept.add(key);
      }
    }
    expect([...kept]).toEqual([]);
    expect(dropped).toBeGreaterThan(200);
  });
});
