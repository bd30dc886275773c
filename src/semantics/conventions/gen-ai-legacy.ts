import type { Convention } from '../convention';

/** Names that the GenAI conventions have left behind and instrumentations still send. */
export const genAiLegacy: Convention = {
  name: 'gen_ai before 1.37',
  specification:
    'https://github.com/open-telemetry/semantic-conventions/blob/v1.26.0/docs/attributes-registry/gen-ai.md',
  keys: new Map([
    ['gen_ai.usage.prompt_tokens', 'inputTokens'],
    ['gen_ai.usage.completion_tokens', 'outputTokens'],
    ['gen_ai.usage.cost', 'cost'],
  ]),
  roles: new Map(),
};
