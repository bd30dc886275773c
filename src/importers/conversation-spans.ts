import type { Attributes } from '../model/attributes';
import { newSpan } from '../model/new-span';
import type { Resource, Scope, SpanRecord } from '../model/span';
import { InputError } from '../errors';
import { hashHex } from './ids';
import { toAttributes, toDouble } from './to-attributes';

export interface ConversationMessage {
  readonly role: string;
  readonly content: string | null;
  readonly timeUnixNano: bigint;
  readonly calls: readonly ConversationCall[];
  /** Of a tool message: the call it answers. */
  readonly toolCallId: string | null;
  /** Of a tool message: the tool failed. */
  readonly failed: boolean;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
}

export interface ConversationCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  /** Who asked for it: `assistant` or `user`. */
  readonly requestor: string;
}

export interface Conversation {
  readonly executionId: string;
  readonly taskId: string;
  readonly agentName: string | null;
  readonly model: string | null;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly messages: readonly ConversationMessage[];
  readonly status: SpanRecord['status'];
  /** Of the root, besides the ids. */
  readonly attributes: Attributes;
  readonly resource: Resource;
  readonly scope: Scope;
}

/**
 * One root `invoke_agent`, one `chat` for each assistant message, one `execute_tool` for each tool
 * call, whoever asked for it. A message takes from the message before it to its own time; a call
 * takes from the message before its answer to that answer, since calls of one message run in turn.
 */
export function conversationSpans(conversation: Conversation): SpanRecord[] {
  const newChild = childMaker(conversation);
  const children: SpanRecord[] = [];
  const latestCall = new Map<string, number>();
  let previous = conversation.startTimeUnixNano;
  let said: ConversationMessage[] = [];
  for (const message of conversation.messages) {
    const span = timeSpan(previous, message.timeUnixNano);
    if (message.role === 'assistant') {
      children.push(newChild({ ...chat(conversation, message, said), ...span }));
      said = [];
    } else said.push(message);
    for (const call of message.calls) {
      latestCall.set(call.id, children.length);
      const at = message.timeUnixNano;
      children.push(newChild({ ...toolCall(call), ...timeSpan(at, at) }));
    }
    const answered = latestCall.get(message.toolCallId ?? '');
    const calling = answered === undefined ? undefined : children[answered];
    if (message.role === 'tool' && answered !== undefined && calling !== undefined) {
      children[answered] = { ...calling, ...answer(calling, message), ...span };
    }
    previous = message.timeUnixNano;
  }
  return [rootSpan(conversation), ...children];
}

type ChildSpan = Pick<
  SpanRecord,
  'name' | 'kind' | 'attributes' | 'startTimeUnixNano' | 'endTimeUnixNano'
>;

function childMaker(conversation: Conversation): (span: ChildSpan) => SpanRecord {
  const { executionId, taskId, resource, scope } = conversation;
  const traceId = traceIdOf(executionId);
  const parentSpanId = spanIdOf(executionId, 0);
  const ids = toAttributes({ 'task.id': taskId, 'execution.id': executionId });
  let index = 0;
  return (span) => {
    index += 1;
    const spanId = spanIdOf(executionId, index);
    const attributes = merge(ids, span.attributes);
    return newSpan({ ...span, traceId, spanId, parentSpanId, attributes, resource, scope });
  };
}

function rootSpan(conversation: Conversation): SpanRecord {
  const { executionId, taskId, agentName, resource, scope, status } = conversation;
  const ask = conversation.messages.find(({ role }) => role === 'user');
  const attributes = toAttributes({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': agentName,
    'task.id': taskId,
    'execution.id': executionId,
    'gen_ai.input.messages': ask === undefined ? null : messagesJson([ask]),
  });
  return newSpan({
    traceId: traceIdOf(executionId),
    spanId: spanIdOf(executionId, 0),
    name: agentName === null ? 'invoke_agent' : `invoke_agent ${agentName}`,
    startTimeUnixNano: conversation.startTimeUnixNano,
    endTimeUnixNano: conversation.endTimeUnixNano,
    status,
    attributes: merge(attributes, conversation.attributes),
    resource,
    scope,
  });
}

function chat(
  { model }: Conversation,
  message: ConversationMessage,
  said: readonly ConversationMessage[],
): Pick<SpanRecord, 'name' | 'kind' | 'attributes'> {
  const attributes = toAttributes({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': model,
    'gen_ai.usage.input_tokens': message.inputTokens,
    'gen_ai.usage.output_tokens': message.outputTokens,
    'gen_ai.input.messages': said.length === 0 ? null : messagesJson(said),
    'gen_ai.output.messages': messagesJson([message]),
  });
  const cost = message.costUsd === null ? {} : { 'llm.cost.total': toDouble(message.costUsd) };
  return {
    name: model === null ? 'chat' : `chat ${model}`,
    kind: 3,
    attributes: merge(attributes, cost),
  };
}

function toolCall(call: ConversationCall): Pick<SpanRecord, 'name' | 'kind' | 'attributes'> {
  const attributes = toAttributes({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': call.name,
    'gen_ai.tool.call.id': call.id,
    'gen_ai.tool.call.arguments': call.arguments,
    requestor: call.requestor,
  });
  return { name: `execute_tool ${call.name}`, kind: 1, attributes };
}

function answer(
  call: SpanRecord,
  message: ConversationMessage,
): Pick<SpanRecord, 'attributes' | 'status'> {
  const result = toAttributes({
    'gen_ai.tool.call.result': message.content,
    'error.type': message.failed ? 'tool_error' : null,
  });
  return {
    attributes: merge(call.attributes, result),
    status: message.failed ? { code: 2, message: null } : call.status,
  };
}

/** In the shape of the GenAI conventions; redaction drops it unless content is kept. */
function messagesJson(messages: readonly ConversationMessage[]): string {
  return JSON.stringify(
    messages.map(({ role, content, calls }) => ({
      role,
      parts: [
        ...(content === null ? [] : [{ type: 'text', content }]),
        ...calls.map((call) => ({ type: 'tool_call', id: call.id, name: call.name })),
      ],
    })),
  );
}

/** Clocks of a log may step back; a span never ends before it starts. */
function timeSpan(
  start: bigint,
  end: bigint,
): Pick<SpanRecord, 'startTimeUnixNano' | 'endTimeUnixNano'> {
  return { startTimeUnixNano: start <= end ? start : end, endTimeUnixNano: end };
}

function traceIdOf(executionId: string): string {
  return hashHex(32, 'trace', executionId);
}

/** The last five digits count, so that spans of one moment keep their order under (start, span id). */
function spanIdOf(executionId: string, index: number): string {
  if (index > 0xfffff) {
    throw new InputError('a run of more than 1,048,575 spans cannot be imported', {
      code: 'input_refused',
    });
  }
  return hashHex(11, 'span', executionId) + index.toString(16).padStart(5, '0');
}

function merge(first: Attributes, second: Attributes): Attributes {
  return Object.assign(Object.create(null) as Attributes, first, second);
}
