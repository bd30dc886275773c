import type { SpanRole } from '../../model/span';
import { allOf } from '../database/all-of';
import type { Session } from '../database/database';
import type { PreparedSpan } from '../ingest/prepared-span';
import type { SpanPlan, TouchedTrace } from '../ingest/write-spans';
import type { TagMark } from '../ingest/write-tags';
import { executionDirty, loadExecutions, type StoredExecution } from '../schema/execution-table';
import type { StoredMeaning } from '../schema/stored-meaning';
import { updateRows } from '../schema/table';
import { traceDirty, traceRow, traceTable } from '../schema/trace-table';
import { applyExecutions } from './apply-executions';
import type { ExecutionDraft } from './execution-view';
import { type ExecutionState, mergeStates, stateOf, withTags } from './execution-state';
import type { FoldSpan } from './fold-span';
import { loadTagsOf } from './load-spans';
import { foldMembership } from './membership';
import { compareTops } from './order';
import type { DeriveSettings } from './outcome';
import { mergeTraceStates, onlyExecution, type TraceState, traceStateOf } from './trace-state';

type HandSpan = FoldSpan & { readonly prepared: PreparedSpan };

/**
 * Derives new spans while they are written, so that they are written once, with their execution. Of what is
 * stored it reads the rows of their traces, executions and tasks, and nothing of those rows' history: what
 * the spans say is merged in. A trace whose membership the new spans change is left dirty for the deriver.
 *
 */
export async function deriveAtHand(
  session: Session,
  settings: DeriveSettings,
  plan: SpanPlan,
  marks: readonly TagMark[],
  receivedAtUnixNano: bigint,
): Promise<DerivedAtHand> {
  const replaced = new Set(plan.updates.map(({ span }) => span.traceId));
  const derived: DerivedTrace[] = [];
  const whole: number[] = [];
  for (const [traceId, spans] of groupByTrace(plan, receivedAtUnixNano)) {
    const trace = plan.traces.get(traceId)!;
    const result = replaced.has(traceId) ? null : deriveTrace(trace, spans);
    if (result) derived.push(result);
    else whole.push(trace.key);
  }
  for (const traceId of replaced) whole.push(plan.traces.get(traceId)!.key);
  const drafts = await draftExecutions(session, derived, marks);
  const keys = await applyExecutions(session, settings, drafts);
  const keyOf = new Map<PreparedSpan, number | null>();
  for (const { spans, membership } of derived) {
    spans.forEach((span, index) => {
      const id = membership[index]!;
      keyOf.set(span.prepared, id === null ? null : keys.get(id)!);
    });
  }
  const created = drafts.flatMap(({ executionId, stored }) =>
    stored ? [] : keys.get(executionId)!,
  );
  return {
    executionKeys: keyOf,
    created: new Set(created),
    writeTraces: () => writeTraces(session, derived, keys, whole),
  };
}

export interface DerivedAtHand {
  /** Of each span that was derived. */
  readonly executionKeys: ReadonlyMap<PreparedSpan, number | null>;
  /** Keys of executions that were not there before: all their spans are at hand. */
  readonly created: ReadonlySet<number>;
  /** What is left to write, beside the spans or before them. */
  readonly writeTraces: () => Promise<void>;
}

interface DerivedTrace {
  readonly trace: TouchedTrace;
  readonly spans: readonly HandSpan[];
  /** Execution id of each span. */
  readonly membership: readonly (string | null)[];
  readonly state: TraceState | null;
  readonly execution: string | null;
}

function groupByTrace(
  plan: SpanPlan,
  receivedAtUnixNano: bigint,
): ReadonlyMap<string, readonly HandSpan[]> {
  const byTrace = new Map<string, HandSpan[]>();
  for (const span of plan.inserts) {
    const own = toHandSpan(span, plan.traces.get(span.traceId)!.key, receivedAtUnixNano);
    const list = byTrace.get(span.traceId);
    if (list) list.push(own);
    else byTrace.set(span.traceId, [own]);
  }
  return byTrace;
}

/** `null`: only all its spans together can tell. Whatever a span holds, it costs its own trace only. */
function deriveTrace(trace: TouchedTrace, spans: readonly HandSpan[]): DerivedTrace | null {
  if (trace.dirty !== traceDirty.clean) return null;
  const traceId = spans[0]!.traceId;
  try {
    const state = mergeTraceStates(trace.state, traceStateOf(spans));
    if (state?.many) {
      if (!trace.fresh) return null;
      const membership = foldMembership(spans);
      return { trace, spans, membership, state, execution: firstExecution(spans, membership) };
    }
    const execution = onlyExecution(state, traceId);
    if (trace.state && onlyExecution(trace.state, traceId) !== execution) return null;
    const membership = spans.map((span) => (span.carrier ? null : execution));
    return { trace, spans, membership, state, execution };
  } catch {
    // The deriver tries it alone, and says what is wrong with it.
    return null;
  }
}

/** Of the topmost span, else of the first in order that has one. */
export function firstExecution(
  spans: readonly (Parameters<typeof compareTops>[0] & Pick<FoldSpan, 'carrier'>)[],
  membership: readonly (string | null)[],
): string | null {
  let first: Parameters<typeof compareTops>[0] | null = null;
  let execution: string | null = null;
  spans.forEach((span, index) => {
    if (span.carrier || membership[index] === null) return;
    if (first === null || compareTops(span, first) < 0) {
      first = span;
      execution = membership[index]!;
    }
  });
  return execution;
}

const placeOf = ({ traceKey, spanId }: Pick<FoldSpan, 'traceKey' | 'spanId'>): string =>
  `${traceKey}/${spanId}`;

/** Own tags, tags that came in the same batch, and tags that waited for their span. */
async function collectTags(
  session: Session,
  derived: readonly DerivedTrace[],
  marks: readonly TagMark[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const goingOn = derived.filter(({ trace }) => !trace.fresh).flatMap(({ spans }) => spans);
  const tags = new Map<string, readonly string[]>();
  for (const mark of marks) tags.set(placeOf(mark), [...(tags.get(placeOf(mark)) ?? []), mark.tag]);
  // These hold the marks too, which are written by now.
  for (const [place, found] of await loadTagsOf(session, goingOn)) tags.set(place, found);
  return tags;
}

async function draftExecutions(
  session: Session,
  derived: readonly DerivedTrace[],
  marks: readonly TagMark[],
): Promise<readonly ExecutionDraft[]> {
  const members = new Map<string, FoldSpan[]>();
  const atHand = new Set<string>();
  for (const { spans, membership } of derived) {
    spans.forEach((span, index) => {
      atHand.add(placeOf(span));
      const id = membership[index]!;
      if (id === null) return;
      const list = members.get(id);
      if (list) list.push(span);
      else members.set(id, [span]);
    });
  }
  const elsewhere = await loadTagged(
    session,
    marks.filter((mark) => !atHand.has(placeOf(mark))),
  );
  const [tagsOf, stored] = await allOf([
    collectTags(session, derived, marks),
    loadExecutions(session, [...members.keys()].sort(), [...elsewhere.keys()]),
  ]);
  const byId = new Map(stored.map((row) => [row.executionId, row]));
  const drafts = [...members].map(([executionId, spans]): ExecutionDraft => {
    const row = byId.get(executionId) ?? null;
    const own = stateOf(spans, (span) => tagsOf.get(placeOf(span)) ?? []);
    return draftOf(row, executionId, row?.state ? mergeStates(row.state, own) : own, spans);
  });
  const drafted = new Map(drafts.map((draft) => [draft.executionId, draft]));
  for (const row of stored) {
    const tags = elsewhere.get(row.key);
    if (!tags || !row.state) continue;
    const before = drafted.get(row.executionId) ?? draftOf(row, row.executionId, row.state, []);
    drafted.set(row.executionId, { ...before, state: withTags(before.state!, tags) });
  }
  return [...drafted.values()];
}

function draftOf(
  stored: StoredExecution | null,
  executionId: string,
  state: ExecutionState,
  arriving: readonly FoldSpan[],
): ExecutionDraft {
  return {
    executionId,
    stored,
    state,
    arriving,
    late: stored !== null && (stored.late || (stored.closedAt !== null && arriving.length > 0)),
    unfinished: stored !== null && stored.dirty >= executionDirty.recompute,
  };
}

/** Tags that were brought to stored spans are seen on their executions. */
export async function showTags(
  session: Session,
  settings: DeriveSettings,
  marks: readonly TagMark[],
): Promise<void> {
  await applyExecutions(session, settings, await draftExecutions(session, [], marks));
}

/** Tags brought to spans that are stored already, by the key of their execution. */
async function loadTagged(
  session: Session,
  marks: readonly TagMark[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  if (marks.length === 0) return new Map();
  const rows = await session.all<{ execution_key: number | string; tag: string }>(
    `SELECT s.execution_key, given.tag ` +
      `FROM ${session.dialect.rows({ trace_key: 'bigint', span_id: 'text', tag: 'text' })} AS given ` +
      `JOIN spans AS s ON s.trace_key = given.trace_key AND s.span_id = given.span_id ` +
      `WHERE s.execution_key IS NOT NULL`,
    [JSON.stringify(marks.map(({ traceKey, spanId, tag }) => [traceKey, spanId, tag]))],
  );
  const tags = new Map<number, string[]>();
  for (const row of rows) {
    const key = Number(row.execution_key);
    tags.set(key, [...(tags.get(key) ?? []), row.tag]);
  }
  return tags;
}

async function writeTraces(
  session: Session,
  derived: readonly DerivedTrace[],
  keys: ReadonlyMap<string, number>,
  whole: readonly number[],
): Promise<void> {
  await updateRows(
    session,
    traceTable,
    // Carriers change nothing of a trace.
    derived
      .filter(({ spans }) => spans.some(({ carrier }) => !carrier))
      .map(({ trace, state, execution }) => ({
        key: trace.key,
        ...traceRow(state, execution === null ? null : keys.get(execution)!),
      })),
  );
  if (whole.length === 0) return;
  const { inList, list } = session.dialect;
  await session.run(
    `UPDATE traces SET dirty = ${traceDirty.whole} WHERE ${inList('key', 'bigint')}`,
    [list(whole)],
  );
}

/** The span as it would be read back; it has no key yet. */
function toHandSpan(
  prepared: PreparedSpan,
  traceKey: number,
  receivedAtUnixNano: bigint,
): HandSpan {
  const { columns, texts } = prepared;
  return {
    prepared,
    key: 0,
    traceKey,
    traceId: prepared.traceId,
    spanId: prepared.spanId,
    parentSpanId: columns.parent_span_id as string | null,
    name: columns.name as string,
    startTimeUnixNano: prepared.startTimeUnixNano,
    endTimeUnixNano: prepared.endTimeUnixNano,
    error: columns.status_code === 2,
    role: columns.role as SpanRole,
    carrier: columns.carrier === 1,
    agentId: columns.agent_id as string | null,
    model: columns.model as string | null,
    inputTokens: columns.input_tokens as number | null,
    outputTokens: columns.output_tokens as number | null,
    costUsd: columns.cost_usd as number | null,
    receivedAtUnixNano,
    meaning: texts[1] === '' ? nothing : (JSON.parse(texts[1]) as StoredMeaning),
    executionKey: null,
  };
}

const nothing: StoredMeaning = {};
