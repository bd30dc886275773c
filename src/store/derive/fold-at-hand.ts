import type { SpanRole } from '../../model/span';
import type { Session } from '../database/database';
import { foldSpans } from './fold-chunk';
import type { FoldSettings } from './fold-state';
import { type LoadedSpan, loadSpansOfTraces } from './load-spans';
import { moveSpans } from './write-folds';
import { spanColumns } from '../schema/span-columns';
import type { StoredMeaning } from '../schema/stored-meaning';
import type { PreparedSpan } from '../ingest/prepared-span';
import type { SpanPlan } from '../ingest/write-spans';

/**
 * Folds the traces that begin in this batch from memory, and small ones that go on in it with what is
 * stored of them, so that their spans are written once, with their execution: reading and rewriting them
 * costs as much as writing them does. Only while nobody else writes; what is left stays dirty and is
 * folded after the commit.
 */
export async function foldAtHand(
  session: Session,
  settings: FoldSettings,
  plan: SpanPlan,
  receivedAtUnixNano: bigint,
): Promise<ReadonlyMap<PreparedSpan, number | null>> {
  const { freshTraces, smallTraces, traceKeys } = plan;
  const replaced = new Set(plan.updates.map(({ span }) => span.traceId));
  const goesOn = (traceId: string): boolean => smallTraces.has(traceId) && !replaced.has(traceId);
  const added = plan.inserts.filter(({ traceId }) => freshTraces.has(traceId) || goesOn(traceId));
  if (added.length === 0) return new Map();
  const traceIds = [...new Set(added.map((span) => span.traceId))];
  const keysOf = (ids: readonly string[]): number[] => ids.map((id) => traceKeys.get(id)!);
  const stored = await loadSpansOfTraces(session, keysOf(traceIds.filter(goesOn)));
  const spans = added.map((span) =>
    toLoadedSpan(span, traceKeys.get(span.traceId)!, receivedAtUnixNano),
  );
  const keys = await foldSpans(session, settings, [...stored, ...spans], keysOf(traceIds), []);
  await moveSpans(session, stored, keys);
  return new Map(added.map((span, index) => [span, keys[stored.length + index]!]));
}

const at = (name: (typeof spanColumns)[number][0]): number =>
  spanColumns.findIndex(([column]) => column === name) - firstOwn;
const firstOwn = spanColumns.findIndex(([column]) => column === 'parent_span_id');
const place = {
  parent: at('parent_span_id'),
  name: at('name'),
  status: at('status_code'),
  role: at('role'),
  carrier: at('carrier'),
  agent: at('agent_id'),
  inputTokens: at('input_tokens'),
  outputTokens: at('output_tokens'),
  cost: at('cost_usd'),
};

/** The span as it would be read back; it has no key yet, and comes after all that have one. */
function toLoadedSpan(
  { traceId, spanId, columns, texts, startTimeUnixNano, endTimeUnixNano }: PreparedSpan,
  traceKey: number,
  receivedAtUnixNano: bigint,
): LoadedSpan {
  return {
    key: Infinity,
    traceKey,
    traceId,
    spanId,
    parentSpanId: columns[place.parent] as string | null,
    name: columns[place.name] as string,
    startTimeUnixNano,
    endTimeUnixNano,
    error: columns[place.status] === 2,
    role: columns[place.role] as SpanRole,
    carrier: columns[place.carrier] === 1,
    agentId: columns[place.agent] as string | null,
    inputTokens: columns[place.inputTokens] as number | null,
    outputTokens: columns[place.outputTokens] as number | null,
    costUsd: columns[place.cost] as number | null,
    receivedAtUnixNano,
    meaning: texts[1] === '' ? nothing : (JSON.parse(texts[1]) as StoredMeaning),
    executionKey: null,
  };
}

const nothing: StoredMeaning = {};
