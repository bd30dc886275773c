import type { ClosedExecution, ExecutionStep } from '../../model/learning';
import type { Database, Session } from '../database';
import type { ExplicitExecution } from '../fold/explicit';
import { foldExecution } from '../fold/fold-execution';
import { compareSpans, type FoldSpan } from '../fold/fold-span';
import { type FoldRow, selectFoldSpans, toLoadedSpan } from '../fold/load-spans';
import { parseAttributes, uint64, withoutPrototype } from '../json-values';
import { parseNumbers } from './read-executions';
import type { Status } from '../../model/status';

export interface ClosedFilter {
  readonly throughCut?: number | undefined;
  readonly agentId?: string | undefined;
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
  { throughCut, agentId }: ClosedFilter,
  after: ClosedRow | null,
): Promise<ClosedRow[]> {
  const { asText } = session.dialect;
  const conditions = ['e.closed_at IS NOT NULL'];
  const values: (string | number)[] = [];
  const add = (condition: string, ...bound: (string | number)[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (throughCut !== undefined) add('e.cut <= ?', throughCut);
  if (agentId !== undefined) add('e.agent_id = ?', agentId);
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
  const executions: ClosedExecution[] = [];
  for (const row of rows)
    executions.push(await toClosed(session, row, members.get(Number(row.key))!));
  return executions;
}

interface StepColumns {
  readonly model: string | null;
  readonly tool: string | null;
  readonly error_type: string | null;
  readonly tool_arguments_hash: string | null;
}

async function toClosed(
  session: Session,
  row: ClosedRow,
  members: readonly StepSpan[],
): Promise<ClosedExecution> {
  const folded = members.length > 0 ? foldExecution(members) : null;
  const explicit = row.explicit === null ? {} : (JSON.parse(row.explicit) as ExplicitExecution);
  const config = explicit.config ?? folded?.config ?? null;
  const root = members.find(
    (span) => span.spanId === folded?.root.spanId && span.traceId === folded.root.traceId,
  );
  return {
    id: row.execution_id,
    taskId: row.task_id,
    taskType: folded?.taskType ?? null,
    attempt: Number(row.attempt),
    replication: Number(row.replication),
    attemptsUnknown: folded?.flags.includes('attempts_unknown') ?? false,
    agent: {
      ...(folded?.agent ?? { id: null, name: null, version: null, type: null }),
      ...explicit.agent,
    },
    sessionId: folded?.sessionId ?? null,
    status: row.status,
    config: config === null ? null : withoutPrototype(config),
    propensities: folded?.propensities ?? null,
    tags: JSON.parse(row.tags) as string[],
    rootAttributes: await readAttributes(session, root ?? null),
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

async function readAttributes(
  session: Session,
  root: StepSpan | null,
): Promise<ClosedExecution['rootAttributes']> {
  if (root === null) return withoutPrototype({});
  const [row] = await session.all<{ attributes: string }>(
    'SELECT attributes FROM spans WHERE key = ?',
    [root.key],
  );
  return parseAttributes(row!.attributes);
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
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
  };
}
