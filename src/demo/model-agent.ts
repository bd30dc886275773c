import type { SpanTracker } from '../index';
import type {
  ChatCompletion,
  ChatMessage,
  ModelEndpoint,
  ToolCall,
  ToolDefinition,
} from './chat-completions';
import { completeChat } from './chat-completions';
import { normaliseValue } from './find-evidence';
import type { Knobs } from './knobs';
import type { AgentQuestion } from './package-agent';
import type { PackageTools, ToolResult } from './package-tools';

/** Completions that one run may ask for. */
const MAX_TURNS = 16;

/**
 * Answers a question as `answerQuestion` does, with the same tools and knobs, but a language model
 * chooses what to call. Each completion is a span `chat MODEL`.
 *
 * @throws ChatCompletionError when the model cannot be asked.
 */
export async function answerWithModel(
  question: AgentQuestion,
  knobs: Knobs,
  tools: PackageTools,
  endpoint: ModelEndpoint,
  tracker: Pick<SpanTracker, 'startSpan'>,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const messages: ChatMessage[] = [
    { role: 'system', content: instructions(knobs) },
    { role: 'user', content: question.text },
  ];
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const completion = await tracedCompletion(endpoint, messages, tracker, signal);
    const { content, toolCalls } = completion;
    if (toolCalls.length === 0) return readAnswer(question, knobs, content);
    messages.push({ role: 'assistant', content, toolCalls });
    for (const call of toolCalls) {
      const result = await runToolCall(call, knobs, tools);
      messages.push({ role: 'tool', toolCallId: call.id, content: result });
    }
  }
  return [];
}

async function tracedCompletion(
  endpoint: ModelEndpoint,
  messages: readonly ChatMessage[],
  tracker: Pick<SpanTracker, 'startSpan'>,
  signal: AbortSignal | undefined,
): Promise<ChatCompletion> {
  const span = tracker.startSpan({
    name: `chat ${endpoint.model}`,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': endpoint.model,
      'server.address': new URL(endpoint.baseUrl).hostname,
    },
  });
  try {
    const completion = await completeChat(endpoint, messages, TOOLS, signal);
    const { inputTokens, outputTokens } = completion;
    span.setAttributes({
      'gen_ai.response.model': completion.model,
      'gen_ai.response.finish_reasons': [completion.finishReason],
      ...(inputTokens === null ? {} : { 'gen_ai.usage.input_tokens': inputTokens }),
      ...(outputTokens === null ? {} : { 'gen_ai.usage.output_tokens': outputTokens }),
    });
    return completion;
  } catch (error) {
    span.recordException(error);
    throw error;
  } finally {
    span.end();
  }
}

const TOOLS: readonly ToolDefinition[] = [
  {
    name: 'list_files',
    description: 'Lists a folder of the package, one entry a line; folders end with "/".',
    parameters: oneText('path', 'The folder, relative to the package; "." is the package itself.'),
  },
  {
    name: 'read_file',
    description: 'Reads a file of the package.',
    parameters: oneText('path', 'The file, relative to the package.'),
  },
  {
    name: 'search',
    description: 'Finds the lines of the package that hold a text, in any case.',
    parameters: oneText('text', 'What to find.'),
  },
];

function oneText(name: string, description: string): Readonly<Record<string, unknown>> {
  return {
    type: 'object',
    properties: { [name]: { type: 'string', description } },
    required: [name],
    additionalProperties: false,
  };
}

async function runToolCall(call: ToolCall, knobs: Knobs, tools: PackageTools): Promise<string> {
  const input = readArguments(call.arguments);
  const text = (key: string): string | undefined => {
    const value = input?.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  const path = text('path');
  const wanted = text('text');
  if (call.name === 'list_files') return describe(await tools.listFiles(path ?? '.'));
  if (call.name === 'read_file' && path !== undefined) {
    return describe(await tools.readFile(path, knobs.window));
  }
  if (call.name === 'search' && wanted !== undefined) return describe(await tools.search(wanted));
  return `error: there is no tool ${call.name} with the arguments ${call.arguments.slice(0, 200)}`;
}

function readArguments(json: string): ReadonlyMap<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : null;
  } catch {
    return null; // the model is told that these are no arguments
  }
}

function describe(result: ToolResult): string {
  return result.status === 'ok' ? result.text : `error: ${result.status}: ${result.reason}`;
}

function instructions({ scan, first_file, effort }: Knobs): string {
  const syntax = scan === 'both' ? 'both `require` and `import`' : `\`${scan}\``;
  return [
    'You answer a question about one npm package from its files alone.',
    `In code look for ${syntax}. Open the ${first_file} first.`,
    effort === 'verify'
      ? 'Check your first finding in further files before you answer.'
      : 'Answer with your first finding.',
    'Answer with a JSON array of strings and nothing else; with [] if you do not know.',
  ].join(' ');
}

/** A JSON array wherever it stands in the text, else the lines. */
function readAnswer({ type }: AgentQuestion, knobs: Knobs, content: string): readonly string[] {
  const values = readArray(/\[[^]*\]/.exec(content)?.[0] ?? '') ?? content.split('\n');
  const given = values.map((value) => value.trim()).filter((value) => value !== '');
  if (knobs.normalise === 'no') return given;
  return given.flatMap((value) => normaliseValue(type, value) ?? []);
}

function readArray(json: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null;
  } catch {
    return null; // no JSON: the lines are the answer
  }
}
