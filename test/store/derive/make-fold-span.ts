import type { FoldSpan } from '../../../src/store/derive/fold-span';
import { spanId, traceId } from '../../support/make-span';

/** A span of trace 1 that lasts from 10 to 20; ids from small numbers. */
export function makeFoldSpan(
  id: number,
  change: Partial<FoldSpan> & { readonly parent?: number } = {},
): FoldSpan {
  const { parent, ...rest } = change;
  return {
    key: id,
    traceKey: 1,
    traceId: traceId(1),
    spanId: spanId(id),
    parentSpanId: parent === undefined ? null : spanId(parent),
    name: `span ${id}`,
    startTimeUnixNano: 10n,
    endTimeUnixNano: 20n,
    error: false,
    role: 'other',
    carrier: false,
    agentId: null,
    model: null,
    executionKey: null,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    receivedAtUnixNano: 100n,
    meaning: {},
    ...rest,
  };
}
