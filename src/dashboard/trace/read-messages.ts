import type { Json, SpanJson } from '../../wire';

/** Something that was said to a model or a tool, or by it. */
export interface Message {
  readonly role: string;
  readonly direction: 'in' | 'out';
  /** `null` where the text was not kept. */
  readonly text: string | null;
  /** Characters of a text that was not kept. */
  readonly dropped: number | null;
}

type Direction = Message['direction'];

/** Lists of messages as JSON: current GenAI, Vercel, older OpenInference. */
const lists: readonly (readonly [key: string, role: string, direction: Direction])[] = [
  ['gen_ai.system_instructions', 'system', 'in'],
  ['gen_ai.input.messages', 'user', 'in'],
  ['ai.prompt.messages', 'user', 'in'],
  ['gen_ai.output.messages', 'assistant', 'out'],
];

/** A text each. */
const texts: readonly (readonly [key: string, role: string, direction: Direction])[] = [
  ['gen_ai.prompt', 'prompt', 'in'],
  ['ai.prompt', 'prompt', 'in'],
  ['input.value', 'input', 'in'],
  ['traceloop.entity.input', 'input', 'in'],
  ['gen_ai.tool.call.arguments', 'arguments', 'in'],
  ['tool_arguments', 'arguments', 'in'],
  ['tool.arguments', 'arguments', 'in'],
  ['ai.toolCall.args', 'arguments', 'in'],
  ['gen_ai.completion', 'assistant', 'out'],
  ['ai.response.text', 'assistant', 'out'],
  ['output.value', 'output', 'out'],
  ['traceloop.entity.output', 'output', 'out'],
  ['gen_ai.tool.call.result', 'result', 'out'],
  ['ai.toolCall.result', 'result', 'out'],
];

/** One message over several keys: `gen_ai.prompt.0.role`, `llm.input_messages.0.message.content`. */
const indexed =
  /^(gen_ai\.prompt|llm\.input_messages|gen_ai\.completion|llm\.output_messages)\.(\d{1,4})\.(?:message\.)?(.+)$/;

const eventRoles: Readonly<Record<string, readonly [role: string, direction: Direction]>> = {
  'gen_ai.system.message': ['system', 'in'],
  'gen_ai.user.message': ['user', 'in'],
  'gen_ai.assistant.message': ['assistant', 'in'],
  'gen_ai.tool.message': ['tool', 'in'],
  'gen_ai.content.prompt': ['prompt', 'in'],
  'gen_ai.content.completion': ['assistant', 'out'],
  'gen_ai.choice': ['assistant', 'out'],
};

/** What was said, in the order in which it was; what was dropped leaves its length. */
export function readMessages({
  attributes,
  events,
}: Pick<SpanJson, 'attributes' | 'events'>): readonly Message[] {
  const messages = [
    ...lists.flatMap(([key, role, direction]) => ofList(attributes, key, role, direction)),
    ...ofIndexed(attributes),
    ...texts.flatMap(([key, role, direction]) => ofText(attributes, key, role, direction)),
    ...events.flatMap(({ name, attributes: own }) => {
      const [role, direction] = eventRoles[name] ?? [];
      return role === undefined || direction === undefined ? [] : ofEvent(own, role, direction);
    }),
  ];
  return [
    ...messages.filter(({ direction }) => direction === 'in'),
    ...messages.filter(({ direction }) => direction === 'out'),
  ];
}

type Values = Readonly<Record<string, Json>>;

function ofText(values: Values, key: string, role: string, direction: Direction): Message[] {
  const value = values[key];
  if (value !== undefined && value !== null) {
    return [{ role, direction, text: textOf(value), dropped: null }];
  }
  const dropped = values[`${key}.length`];
  return typeof dropped === 'number' ? [{ role, direction, text: null, dropped }] : [];
}

function ofList(values: Values, key: string, role: string, direction: Direction): Message[] {
  const value = values[key];
  const parsed = typeof value === 'string' ? parse(value) : value;
  if (!Array.isArray(parsed)) return ofText(values, key, role, direction);
  const isParts = parsed.every((item) => isObject(item) && !('role' in item));
  if (isParts) return [{ role, direction, text: textOf(parsed), dropped: null }];
  return (parsed as readonly Json[]).map((item) => ({
    role: isObject(item) && typeof item['role'] === 'string' ? item['role'] : role,
    direction,
    text: textOf(item),
    dropped: null,
  }));
}

function ofIndexed(values: Values): Message[] {
  const found = new Map<string, { direction: Direction; parts: Record<string, Json> }>();
  for (const [key, value] of Object.entries(values)) {
    const [, list, index, part] = indexed.exec(key) ?? [];
    if (list === undefined || part === undefined) continue;
    const id = `${list} ${index!.padStart(4, '0')}`;
    const direction = /output|completion/.test(list) ? 'out' : 'in';
    const message = found.get(id) ?? { direction, parts: {} };
    message.parts[part] = value;
    found.set(id, message);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { direction, parts }]) => ofParts(parts, direction));
}

function ofParts({ role, ...parts }: Record<string, Json>, direction: Direction): Message {
  const keys = Object.keys(parts).filter((key) => !key.endsWith('.length'));
  const said = keys.filter((key) => /content|text|arguments|name/.test(key)).sort();
  const lines = said.map((key) =>
    key === 'content' ? textOf(parts[key] ?? null) : `${key}: ${textOf(parts[key] ?? null)}`,
  );
  const lengths = Object.entries(parts).filter(([key]) => key.endsWith('.length'));
  const dropped = lengths.reduce((sum, [, length]) => sum + Number(length), 0);
  return {
    role: typeof role === 'string' ? role : direction === 'in' ? 'user' : 'assistant',
    direction,
    text: lines.length === 0 ? null : lines.join('\n'),
    dropped: lengths.length === 0 ? null : dropped,
  };
}

const eventTexts = [
  'content',
  'message',
  'gen_ai.event.content',
  'gen_ai.prompt',
  'gen_ai.completion',
];

function ofEvent(values: Values, role: string, direction: Direction): Message[] {
  for (const key of eventTexts) {
    const [message] = ofText(values, key, role, direction);
    if (message !== undefined) return [message];
  }
  return [];
}

/** The text of a message, of its parts, or of any value. */
function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('\n\n');
  if (!isObject(value)) return JSON.stringify(value);
  const { parts, content, text, tool_calls: calls } = value;
  const inner = parts ?? content ?? text;
  const said = inner === undefined || inner === null ? [] : [textOf(inner)];
  const called = calls === undefined || calls === null ? [] : [JSON.stringify(calls, null, 2)];
  const lines = [...said, ...called];
  return lines.length === 0 ? JSON.stringify(value, null, 2) : lines.join('\n\n');
}

function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // cut off, or no JSON at all: shown as the text that it is
  }
}
