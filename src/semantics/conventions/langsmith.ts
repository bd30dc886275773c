import type { Convention } from '../convention';

/** LangSmith's OpenTelemetry exporter. */
export const langSmith: Convention = {
  name: 'langsmith',
  specification: 'https://docs.langchain.com/langsmith/trace-with-opentelemetry',
  keys: new Map([
    ['langsmith.span.kind', 'role'],
    ['langsmith.trace.session_id', 'sessionId'],
    ['langsmith.trace.name', 'entityName'],
  ]),
  roles: new Map([
    ['llm', 'llm'],
    ['chain', 'chain'],
    ['tool', 'tool'],
    ['retriever', 'retrieval'],
    ['embedding', 'embedding'],
  ]),
};
