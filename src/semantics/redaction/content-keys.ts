import { wordsOf } from './key-words';

/** Does the key hold what was said: prompts, answers, documents, tool arguments and results? */
export function isContentKey(key: string): boolean {
  if (exact.has(key)) return true;
  if (neverPrefixes.some((prefix) => key.startsWith(prefix))) return false;
  const last = key.slice(key.lastIndexOf('.') + 1);
  if (structural.has(last)) return false;
  if (prefixes.some((prefix) => key.startsWith(prefix))) return true;
  const words = wordsOf(key);
  return words.some((word) => spoken.has(word)) && !words.some((word) => counted.has(word));
}

/**
 * Where a tool call's arguments stand, best first: current GenAI, OpenInference, Vercel, Traceloop,
 * Google ADK, Pydantic AI, and the plain input of a tool span.
 */
export const toolArgumentKeys: readonly string[] = [
  'gen_ai.tool.call.arguments',
  'tool_call.function.arguments',
  'ai.toolCall.args',
  'gcp.vertex.agent.tool_call_args',
  'tool_arguments',
  'input.value',
  'tool.parameters',
  'traceloop.entity.input',
];

/** Attributes of `gen_ai.*` span events (before 1.37) that hold a message. */
export const messageKeys: ReadonlySet<string> = new Set([
  'content',
  'message',
  'tool_calls',
  'gen_ai.event.content',
]);

const exact: ReadonlySet<string> = new Set([
  ...toolArgumentKeys,
  'task.input',
  'task.output',
  'input',
  'output',
  'messages',
  'output.value',
  'operation.input',
  'operation.output',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.call.result',
  'gen_ai.task.input',
  'gen_ai.task.output',
  'gen_ai.retrieval.query.text',
  'gen_ai.retrieval.documents',
  'agentlightning.message.body',
  'agentlightning.object.literal',
  'agentlightning.object.json',
  'agentops.task.input',
  'agentops.task.output',
  'agentops.entity.input',
  'agentops.entity.output',
  'traceloop.entity.output',
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.trace.input',
  'langfuse.trace.output',
  'llm.choices',
  'llm.prompts',
  'embedding.text',
  'embedding.vector',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolCalls',
  'ai.response.reasoning',
  'ai.response.files',
  'ai.result.text',
  'ai.result.object',
  'ai.result.toolCalls',
  'ai.toolCall.result',
  'ai.value',
  'ai.values',
  'ai.embedding',
  'ai.embeddings',
  'gcp.vertex.agent.llm_request',
  'gcp.vertex.agent.llm_response',
  'gcp.vertex.agent.tool_response',
  'tool_response',
  'final_result',
  'all_messages_events',
  'pydantic_ai.all_messages',
  // Pydantic AI before 1.0, BeeAI, CrewAI.
  'events',
  'history',
  'thought',
  'crew_agents',
  'crew_inputs',
  'crew_tasks',
]);

const prefixes: readonly string[] = [
  'llm.input_messages.',
  'llm.output_messages.',
  'gen_ai.input.messages.',
  'gen_ai.output.messages.',
  'retrieval.documents.',
  'reranker.',
  'embedding.embeddings.',
  'operation.input.',
  'operation.output.',
  'agentlightning.operation.input',
  'agentlightning.operation.output',
];

/** Settings, measurements and feedback, whatever their keys go on to say. */
const neverPrefixes: readonly string[] = [
  'gen_ai.usage.',
  'gen_ai.request.',
  'gen_ai.evaluation.',
  'llm.token_count.',
  'llm.cost.',
  'llm.usage.',
  'ai.usage.',
  'evolution.',
  'execution.',
  'agent.',
  'reward.',
  'feature_flag.',
  'annotations.',
  'evaluations.',
  'trace.',
  'session.',
];

/** Last segments that describe a message and hold none of it. */
const structural: ReadonlySet<string> = new Set([
  'role',
  'name',
  'id',
  'type',
  'index',
  'length',
  'version',
  'finish_reason',
  'finish_reasons',
  'mime_type',
  'score',
  'top_k',
  'model_name',
  'tool_call_id',
]);

const spoken: ReadonlySet<string> = new Set(['prompt', 'prompts', 'completion', 'completions']);

const counted: ReadonlySet<string> = new Set([
  'token',
  'tokens',
  'count',
  'cost',
  'price',
  'usage',
  'cache',
  'cached',
  'hash',
  'length',
  'time',
  'start',
  'duration',
  'latency',
]);
