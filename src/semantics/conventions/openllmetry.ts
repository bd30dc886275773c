import type { Convention } from '../convention';

/** OpenLLMetry (Traceloop). `traceloop.entity.name` names the agent or the tool, by the kind. */
export const openLlmetry: Convention = {
  name: 'openllmetry',
  specification:
    'https://github.com/traceloop/openllmetry/blob/main/packages/opentelemetry-semantic-conventions-ai/opentelemetry/semconv_ai/__init__.py',
  keys: new Map([
    ['traceloop.span.kind', 'role'],
    ['traceloop.entity.name', 'entityName'],
    ['traceloop.entity.version', 'agentVersion'],
    ['traceloop.association.properties.session_id', 'sessionId'],
    ['llm.usage.prompt_tokens', 'inputTokens'],
    ['llm.usage.completion_tokens', 'outputTokens'],
  ]),
  roles: new Map([
    ['workflow', 'chain'],
    ['task', 'chain'],
    ['agent', 'agent'],
    ['tool', 'tool'],
  ]),
};
