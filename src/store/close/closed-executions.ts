import type { ClosedExecution, ExecutionStep } from '../../model/learning';
import { assumedUnsampled } from '../../model/sampling';
import type { Database, Session, SqlValue } from '../database/database';
import type { ExplicitExecution } from '../derive/explicit';
import { type FoldedExecution, foldExecution } from '../derive/fold-execution';
import { compareSpans, type FoldSpan } from '../derive/fold-span';
import { type FoldRow, selectFoldSpans, toLoadedSpan } from '../derive/load-spans';
import { parseAttributes, uint64, withoutPrototype } from '../schema/json-values';
import { parseNumbers } from '../read/read-executions';
import type { Status } from '../../model/status';

export interface ClosedFilter {
  readonly throughCut?: number | undefined;
  readonly agentId?: string | undefined;
  readonly executionIds?: readonly string[] | undefined;
}

/**
 * Closed executions by (root start, execution id), a page at a time. What came after closing is left
 * out, so that reading again gives the same; only rewards may have changed since.
 */
export async function* readClosedExecutions(
  database: Database,
  filter: ClosedFilter,
): AsyncGenerator<ClosedExecution> {
  let rows: readonly ClosedRow[] = [];
  do {
    const last = rows.at(-1) ?? null;
    rows = await database.read((session) => readRows(session, filter, last));
    const page = rows;
    yield* await database.read((session) => readExecutions(session, page));
  } while (rows.length === pageSize);
}

export async function countClosedExecutions(
  session: Session,
  { judged = false }: { readonly judged?: boolean | undefined } = {},
): Promise<number> {
  const [row] = await session.all<{ count: number | string }>(
    `SELECT count(*) AS count FROM executions WHERE closed_at IS NOT NULL` +
      (judged ? ` AND rewards <> '{}'` : ''),
  );
  return Number(row!.count);
}

const pageSize = 100;

interface ClosedRow {
  readonly key: number | string;
  readonly execution_id: string;
  readonly task_id: string;
  readonly attempt: number | string;
  readonly replication: number | string;
  readonly status: Status;
  readonly tags: string;
  readonly rewards: string;
  readonly explicit: string | null;
  readonly root_start_time: string;
  readonly closed_span_key: number | string;
}

function readRows(
  session: Session,
  { throughCut, agentId, executionIds }: ClosedFilter,
  after: ClosedRow | null,
): Promise<ClosedRow[]> {
  const { asText, inList, list } = session.dialect;
  const conditions = ['e.closed_at IS NOT NULL'];
  const values: SqlValue[] = [];
  const add = (condition: string, ...bound: SqlValue[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (throughCut !== undefined) add('e.cut <= ?', throughCut);
  if (agentId !== undefined) add('e.agent_id = ?', agentId);
  if (executionIds !== undefined) add(inList('e.execution_id', 'text'), list(executionIds));
  if (after) {
    const { root_start_time, execution_id } = after;
    add(
      '(e.root_start_time, e.execution_id) > (CAST(? AS bigint), ?)',
      root_start_time,
      execution_id,
    );
  }
  return session.ask<ClosedRow>(
    `SELECT e.key, e.execution_id, k.task_id, e.attempt, e.replication, e.status, e.tags, e.rewards, ` +
      `e.explicit, ${asText('e.root_start_time')} AS root_start_time, e.closed_span_key ` +
      `FROM executions AS e JOIN tasks AS k ON k.key = e.task_key WHERE ${conditions.join(' AND ')} ` +
      `ORDER BY e.root_start_time, e.execution_id LIMIT ${pageSize}`,
    values,
  );
}

type StepSpan = FoldSpan & {
  readonly model: string | null;
  readonly tool: string | null;
  readonly errorType: string | null;
  readonly toolArgumentsHash: string | null;
};

async function readExecutions(
  session: Session,
  rows: readonly ClosedRow[],
): Promise<readonly ClosedExecution[]> {
  const { inList, list } = session.dialect;
  const lastKeys = new Map(rows.map((row) => [Number(row.key), Number(row.closed_span_key)]));
  const select = selectFoldSpans(session.dialect).replace(
    ' FROM ',
    ', s.model, s.tool, s.error_type, s.tool_arguments_hash FROM ',
  );
  const spans = await session.all<FoldRow & StepColumns>(
    `${select} WHERE ${inList('s.execution_key', 'bigint')}`,
    [list([...lastKeys.keys()])],
  );
  const members = new Map<number, StepSpan[]>([...lastKeys.keys()].map((key) => [key, []]));
  for (const row of spans) {
    const executionKey = Number(row.execution_key);
    if (Number(row.key) > lastKeys.get(executionKey)!) continue;
    members.get(executionKey)!.push({
      ...toLoadedSpan(row),
      model: row.model,
      tool: row.tool,
      errorType: row.error_type,
      toolArgumentsHash: row.tool_arguments_hash,
    });
  }
  const folded = rows.map((row) => foldRow(row, members.get(Number(row.key))!));
  const attributes = await readAttributes(
    session,
    folded.flatMap(({ root }) => (root === null ? [] : [root.key])),
  );
  return folded.map((execution) => toClosed(execution, attributes));
}

interface StepColumns {
  readonly model: string | null;
  readonly tool: string | null;
  readonly error_type: string | null;
  readonly tool_arguments_hash: string | null;
}

interface FoldedRow {
  readonly row: ClosedRow;
  readonly members: readonly StepSpan[];
  /** `null` for an execution without spans, which was written by hand. */
  readonly folded: FoldedExecution | null;
  readonly root: StepSpan | null;
}

function foldRow(row: ClosedRow, members: readonly StepSpan[]): FoldedRow {
  if (members.length === 0) return { row, members, folded: null, root: null };
  const folded = foldExecution(members);
  const { traceId, spanId } = folded.root;
  const root = members.find((span) => span.spanId === spanId && span.traceId === traceId)!;
  return { row, members, folded, root };
}

/** By span key. */
async function readAttributes(
  session: Session,
  keys: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const { inList, list } = session.dialect;
  const rows = await session.all<{ key: number | string; attributes: string }>(
    `SELECT key, attributes FROM spans WHERE ${inList('key', 'bigint')}`,
    [list(keys)],
  );
  return new Map(rows.map(({ key, attributes }) => [Number(key), attributes]));
}

function toClosed(
  { row, members, folded, root }: FoldedRow,
  attributes: ReadonlyMap<number, string>,
): ClosedExecution {
  const explicit = row.explicit === null ? {} : (JSON.parse(row.explicit) as ExplicitExecution);
  const config = explicit.config ?? folded?.config ?? null;
  return {
    id: row.execution_id,
    taskId: row.task_id,
    taskType: folded?.taskType ?? null,
    taskGroup: null,
    attempt: Number(row.attempt),
    replication: Number(row.replication),
    attemptsUnknown: folded?.flags.includes('attempts_unknown') ?? false,
    attemptMarked:
      (explicit.attempt ??
        explicit.replication ??
        folded?.attempt ??
        folded?.replication ??
        null) !== null,
    agent: {
      ...(folded?.agent ?? { id: null, name: null, version: null, type: null }),
      ...explicit.agent,
    },
    sessionId: folded?.sessionId ?? null,
    status: row.status,
    config: config === null ? null : withoutPrototype(config),
    propensities: folded?.propensities ?? null,
    exposures: [],
    sampling: assumedUnsampled,
    meaningVersion: 1,
    tags: JSON.parse(row.tags) as string[],
    rootAttributes: parseAttributes(root === null ? '{}' : attributes.get(root.key)!),
    rootSpan: folded?.root ?? null,
    rootStartTimeUnixNano: folded?.rootStartTimeUnixNano ?? uint64(row.root_start_time),
    durationNano: folded?.durationNano ?? null,
    inputTokens: folded?.inputTokens ?? null,
    outputTokens: folded?.outputTokens ?? null,
    costUsd: folded?.costUsd ?? null,
    outcome: parseNumbers(row.rewards),
    steps: [...members].sort(compareSpans).map(toStep),
  };
}

function toStep(span: StepSpan): ExecutionStep {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    role: span.role,
    tool: span.tool,
    model: span.model,
    error: span.error,
    errorType: span.errorType,
    toolArgumentsHash: span.toolArgumentsHash,
    requestor: null,
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
  };
}
