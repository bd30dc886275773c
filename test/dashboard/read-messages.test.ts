import { readMessages } from '../../src/dashboard/trace/read-messages';
import type { Json } from '../../src/wire';

const read = (attributes: Record<string, Json>, events: { name: string; content: string }[] = []) =>
  readMessages({
    attributes,
    events: events.map(({ name, content }) => ({
      ...{ name, time_unix_nano: '1', dropped_attributes_count: 0 },
      attributes: { content },
    })),
  }).map(({ role, direction, text, dropped }) => [role, direction, text, dropped]);

test('current GenAI: a JSON text of messages with parts', () => {
  const input = [
    { role: 'user', parts: [{ type: 'text', content: 'Hi' }] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: '1', response: { ok: true } }] },
  ];
  expect(
    read({
      'gen_ai.output.messages': [{ role: 'assistant', content: 'Hello' }],
      'gen_ai.input.messages': JSON.stringify(input),
      'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'Be kind' }]),
    }),
  ).toEqual([
    ['system', 'in', 'Be kind', null],
    ['user', 'in', 'Hi', null],
    ['tool', 'in', expect.stringContaining('"ok": true'), null],
    ['assistant', 'out', 'Hello', null],
  ]);
});

test('indexed keys, in their order, ten after nine', () => {
  const attributes: Record<string, Json> = {};
  for (const index of [10, 9]) {
    attributes[`gen_ai.prompt.${index}.role`] = 'user';
    attributes[`gen_ai.prompt.${index}.content`] = `n ${index}`;
  }
  attributes['llm.output_messages.0.message.content'] = 'done';
  expect(read(attributes)).toEqual([
    ['user', 'in', 'n 9', null],
    ['user', 'in', 'n 10', null],
    ['assistant', 'out', 'done', null],
  ]);
});

test('what was dropped is told by its length', () => {
  expect(
    read({
      'gen_ai.input.messages.length': 1200,
      'gen_ai.tool.call.arguments.length': 7,
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content.length': 40,
    }),
  ).toEqual([
    ['user', 'in', null, 1200],
    ['arguments', 'in', null, 7],
    ['assistant', 'out', null, 40],
  ]);
});

test('events of messages, and a list that is cut off stays text', () => {
  expect(
    read({ 'gen_ai.input.messages': '[{"role":"us' }, [{ name: 'gen_ai.choice', content: 'yes' }]),
  ).toEqual([
    ['user', 'in', '[{"role":"us', null],
    ['assistant', 'out', 'yes', null],
  ]);
});
