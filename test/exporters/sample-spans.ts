import type { Span } from '../../src/model/span';
import { makeSpan, spanId } from '../support/make-span';

export function storedSpan(change: Partial<Span> = {}): Span {
  return {
    ...makeSpan(),
    taskId: 'task-1',
    executionId: 'execution-1',
    agentId: 'agent-1',
    role: 'tool',
    model: null,
    tool: 'search',
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    errorType: null,
    toolArgumentsHash: null,
    tags: [],
    receivedAtUnixNano: 1_700_000_002_000_000_000n,
    ...change,
  };
}

export async function* of<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}

/** Spans made as they are asked for, so that what an exporter holds can be counted. */
export function countedSpans(count: number): { spans: AsyncIterable<Span>; asked: () => number } {
  const span = storedSpan();
  let asked = 0;
  async function* make() {
    while (asked < count) {
      asked += 1;
      yield { ...span, spanId: spanId(asked) };
    }
  }
  return { spans: make(), asked: () => asked };
}

export async function collect(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
