import type { Convention } from '../convention';

/** OpenInference (Arize Phoenix and others). */
export const openInference: Convention = {
  name: 'openinference',
  specification: 'https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md',
  keys: new Map([
    ['openinference.span.kind', 'role'],
    ['llm.model_name', 'model'],
    ['llm.request.model_name', 'model'],
    ['embedding.model_name', 'model'],
    ['llm.response.model_name', 'responseModel'],
    ['tool.name', 'tool'],
    ['llm.token_count.prompt', 'inputTokens'],
    ['llm.token_count.completion', 'outputTokens'],
    ['llm.cost.total', 'cost'],
    ['llm.cost.prompt', 'inputCost'],
    ['llm.cost.completion', 'outputCost'],
    ['tag.tags', 'tags'],
    // Phoenix's project, on the resource.
    ['openinference.project.name', 'serviceName'],
  ]),
  roles: new Map([
    ['LLM', 'llm'],
    ['EMBEDDING', 'embedding'],
    ['CHAIN', 'chain'],
    ['RETRIEVER', 'retrieval'],
    ['RERANKER', 'retrieval'],
    ['TOOL', 'tool'],
    ['AGENT', 'agent'],
    ['GUARDRAIL', 'evaluator'],
    ['EVALUATOR', 'evaluator'],
  ]),
  families: new Map([
    ['annotations.', 'annotation'],
    ['evaluations.', 'annotation'],
    ['trace.annotations.', 'annotation'],
    ['trace.evaluations.', 'annotation'],
    ['session.annotations.', 'annotation'],
    ['session.evaluations.', 'annotation'],
  ]),
};
