import type { SpanRole } from '../../model/span';
import type { StoredMeaning } from '../schema/stored-meaning';

/** A stored span as the folds need it. */
export interface FoldSpan {
  readonly key: number;
  readonly traceKey: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
  readonly error: boolean;
  readonly role: SpanRole;
  readonly carrier: boolean;
  readonly agentId: string | null;
  readonly model: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly receivedAtUnixNano: bigint;
  readonly meaning: StoredMeaning;
  /** The execution that it is stored under; `null` before it is derived, and where there is none. */
  readonly executionKey: number | null;
}

type Placed = Pick<FoldSpan, 'startTimeUnixNano' | 'spanId' | 'traceId'>;

/** By (start, span id, trace id): the one order in which folds read spans. */
export function compareSpans(a: Placed, b: Placed): number {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) {
    return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1;
  }
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1;
  return a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : 0;
}
