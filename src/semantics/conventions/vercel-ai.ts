import type { Convention } from '../convention';

/**
 * Vercel AI SDK before 7 (7 sends `gen_ai.*`). The outer span of a generation runs the tool loop and
 * repeats the totals of its `.do…` children, so it is the agent, as `invoke_agent` is in 7.
 */
export const vercelAi: Convention = {
  name: 'vercel-ai',
  specification: 'https://ai-sdk.dev/docs/ai-sdk-core/telemetry',
  keys: new Map([
    ['ai.operationId', 'role'],
    ['ai.telemetry.functionId', 'agentName'],
    ['ai.telemetry.metadata.sessionId', 'sessionId'],
    ['ai.model.id', 'model'],
    ['ai.response.model', 'responseModel'],
    ['ai.toolCall.name', 'tool'],
    ['ai.usage.inputTokens', 'inputTokens'],
    ['ai.usage.promptTokens', 'inputTokens'],
    ['ai.usage.tokens', 'inputTokens'],
    ['ai.usage.outputTokens', 'outputTokens'],
    ['ai.usage.completionTokens', 'outputTokens'],
  ]),
  roles: new Map([
    ['ai.generateText', 'agent'],
    ['ai.streamText', 'agent'],
    ['ai.generateObject', 'agent'],
    ['ai.streamObject', 'agent'],
    ['ai.generateText.doGenerate', 'llm'],
    ['ai.streamText.doStream', 'llm'],
    ['ai.generateObject.doGenerate', 'llm'],
    ['ai.streamObject.doStream', 'llm'],
    ['ai.toolCall', 'tool'],
    ['ai.embed', 'chain'],
    ['ai.embedMany', 'chain'],
    ['ai.embed.doEmbed', 'embedding'],
    ['ai.embedMany.doEmbed', 'embedding'],
    ['ai.rerank', 'chain'],
    ['ai.rerank.doRerank', 'retrieval'],
  ]),
};
