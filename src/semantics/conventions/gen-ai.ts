import type { SpanRole } from '../../model/span';
import type { Convention } from '../convention';

export const genAiOperations: ReadonlyMap<string, SpanRole> = new Map<string, SpanRole>([
  ['chat', 'llm'],
  ['generate_content', 'llm'],
  ['text_completion', 'llm'],
  ['embeddings', 'embedding'],
  ['retrieval', 'retrieval'],
  ['search_memory', 'retrieval'],
  ['create_agent', 'agent'],
  ['invoke_agent', 'agent'],
  ['invoke_workflow', 'chain'],
  // Microsoft.Extensions.AI's tool loop.
  ['orchestrate_tools', 'chain'],
  ['plan', 'chain'],
  ['execute_tool', 'tool'],
]);

/** OpenTelemetry GenAI conventions, current names. */
export const genAi: Convention = {
  name: 'gen_ai',
  specification:
    'https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/registry/attributes/gen-ai.md',
  keys: new Map([
    ['gen_ai.operation.name', 'role'],
    ['gen_ai.task.id', 'taskId'],
    ['gen_ai.task.input', 'taskInput'],
    ['gen_ai.conversation.id', 'sessionId'],
    ['session.id', 'sessionId'],
    ['gen_ai.agent.id', 'agentId'],
    ['gen_ai.agent.name', 'agentName'],
    ['gen_ai.agent.version', 'agentVersion'],
    ['gen_ai.request.model', 'model'],
    ['gen_ai.response.model', 'responseModel'],
    ['gen_ai.tool.name', 'tool'],
    ['gen_ai.usage.input_tokens', 'inputTokens'],
    ['gen_ai.usage.output_tokens', 'outputTokens'],
    ['error.type', 'errorType'],
    ['feature_flag.key', 'experimentId'],
    ['feature_flag.result.variant', 'variant'],
    ['service.name', 'serviceName'],
  ]),
  roles: genAiOperations,
  impliedRoles: new Map([
    ['gen_ai.tool.name', 'tool'],
    ['gen_ai.response.id', 'llm'],
  ]),
};
