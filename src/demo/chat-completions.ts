import { readServerSentEvents } from './server-sent-events';

/** Where the chat completions API is: `POST {baseUrl}/chat/completions`. */
export interface ModelEndpoint {
  /** E.g. `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON, as the model wrote it. */
  readonly arguments: string;
}

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | {
      readonly role: 'assistant';
      readonly content: string;
      readonly toolCalls: readonly ToolCall[];
    }
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string };

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON schema. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ChatCompletion {
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string;
  /** The model that answered. */
  readonly model: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

const TIMEOUT_MILLIS = 120_000;

/**
 * One streamed chat completion.
 *
 * @throws ChatCompletionError when the server refuses, or the stream breaks off.
 */
export async function completeChat(
  endpoint: ModelEndpoint,
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[],
  signal?: AbortSignal,
): Promise<ChatCompletion> {
  const timeout = AbortSignal.timeout(TIMEOUT_MILLIS);
  const response = await fetch(`${endpoint.baseUrl.replace(/\/+$/, '')}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${endpoint.apiKey}` },
    body: JSON.stringify({
      model: endpoint.model,
      messages: messages.map(toWireMessage),
      tools: tools.map((tool) => ({ type: 'function', function: tool })),
      stream: true,
      stream_options: { include_usage: true },
    }),
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  if (!response.ok || response.body === null) {
    const said = (await response.text()).slice(0, 300);
    throw new ChatCompletionError(`the model's server answered ${response.status}: ${said}`);
  }
  const completion = createAccumulator();
  for await (const data of readServerSentEvents(response.body)) {
    if (data === '[DONE]') break;
    completion.add(parseChunk(data));
  }
  return completion.finish();
}

/** The model could not be asked, or its answer did not arrive whole. */
class ChatCompletionError extends Error {
  override readonly name = 'ChatCompletionError';
}

/** The fields of a streamed chunk that are read; anything may be missing. */
interface CompletionChunk {
  readonly model?: string;
  readonly error?: { readonly message?: string };
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
  readonly choices?: readonly {
    readonly finish_reason?: string | null;
    readonly delta?: {
      readonly content?: string | null;
      readonly tool_calls?: readonly {
        readonly index: number;
        readonly id?: string;
        readonly function?: { readonly name?: string; readonly arguments?: string };
      }[];
    };
  }[];
}

function parseChunk(data: string): CompletionChunk {
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch (cause) {
    throw new ChatCompletionError(`the stream holds no JSON: ${data.slice(0, 100)}`, { cause });
  }
  if (typeof chunk !== 'object' || chunk === null) {
    throw new ChatCompletionError(`the stream holds no object: ${data.slice(0, 100)}`);
  }
  return chunk;
}

function createAccumulator(): { add(chunk: CompletionChunk): void; finish(): ChatCompletion } {
  let content = '';
  let model = '';
  let finishReason: string | null = null;
  let usage: CompletionChunk['usage'] = null;
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  return {
    add(chunk) {
      if (chunk.error !== undefined) {
        throw new ChatCompletionError(
          `the model failed: ${chunk.error.message ?? 'no reason given'}`,
        );
      }
      model = chunk.model ?? model;
      usage = chunk.usage ?? usage;
      const choice = chunk.choices?.[0];
      finishReason = choice?.finish_reason ?? finishReason;
      content += choice?.delta?.content ?? '';
      // A call's id and name come once, its arguments in pieces.
      for (const delta of choice?.delta?.tool_calls ?? []) {
        const call = calls.get(delta.index) ?? { id: '', name: '', arguments: '' };
        calls.set(delta.index, {
          id: delta.id ?? call.id,
          name: call.name + (delta.function?.name ?? ''),
          arguments: call.arguments + (delta.function?.arguments ?? ''),
        });
      }
    },
    finish() {
      if (finishReason === null) throw new ChatCompletionError('the stream broke off');
      return {
        content,
        toolCalls: [...calls].sort(([a], [b]) => a - b).map(([, call]) => call),
        finishReason,
        model,
        inputTokens: usage?.prompt_tokens ?? null,
        outputTokens: usage?.completion_tokens ?? null,
      };
    },
  };
}

function toWireMessage(message: ChatMessage): Readonly<Record<string, unknown>> {
  switch (message.role) {
    case 'system':
    case 'user':
      return message;
    case 'tool':
      return { role: 'tool', content: message.content, tool_call_id: message.toolCallId };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content,
        ...(message.toolCalls.length === 0
          ? {}
          : {
              tool_calls: message.toolCalls.map((call) => ({
                id: call.id,
                type: 'function',
                function: { name: call.name, arguments: call.arguments },
              })),
            }),
      };
  }
}
