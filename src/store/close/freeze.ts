import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionStep } from '../../model/learning';
import { assumedUnsampled } from '../../model/sampling';
import type { Exposure } from '../../model/span';
import type { Status } from '../../model/status';
import type { Session } from '../database/database';
import type { ExplicitExecution } from '../derive/explicit';
import { stateOf } from '../derive/execution-state';
import { type FoldedExecution, foldExecution } from '../derive/fold-execution';
import { compareSpans, type FoldSpan } from '../derive/fold-span';
import { type FoldRow, selectFoldSpans, toFoldSpan } from '../derive/load-spans';
import { sliceSpans } from '../derive/rederive-traces';
import { int64Text, parseAttributes } from '../schema/json-values';
import { noteVersions } from './agent-versions';
import { type AddedRecord, indexExposures } from './exposed';
import { type FrozenExecution, packFrozen } from './frozen-record';
import { frozenTable } from '../schema/frozen-table';
import { insertRows, type TableRow } from '../schema/table';

/** An execution's row as far as closing needs it. */
export interface ClosingRow {
  readonly key: number | string;
  readonly execution_id: string;
  readonly task_id: string;
  readonly attempt: number | string;
  readonly replication: number | string;
  readonly status: Status;
  readonly agent_id: string | null;
  readonly agent_name: string | null;
  readonly agent_version: string | null;
  readonly agent_type: string | null;
  readonly config: string | null;
  readonly explicit: string | null;
  readonly rewards: string;
  readonly start_text: string;
  readonly spans: number | string;
}

export const closingColumns =
  'e.key, e.execution_id, k.task_id, e.attempt, e.replication, e.status, e.agent_id, e.agent_name, ' +
  'e.agent_version, e.agent_type, e.config, e.explicit, e.rewards, e.spans';

/** Writes the record of each execution; whatever comes later never changes it. */
export async function freeze(
  session: Session,
  rows: readonly ClosingRow[],
  closedAt: bigint,
): Promise<void> {
  for (const part of inParts(rows)) {
    const read = await readSpans(session, part);
    const made = part.map((row) => ({ row, ...partsOf(read.get(Number(row.key))!) }));
    const tags = await admittedTags(session, made);
    const attributes = await readAttributes(
      session,
      made.flatMap(({ root }) => root?.key ?? []),
    );
    const records = made.map(({ row, folded, spans, root }): FrozenExecution => ({
      ...makeRecord(row, folded, spans),
      tags: tags.get(row)!,
      rootAttributes: parseAttributes(attributes.get(root?.key ?? -1) ?? '{}'),
    }));
    const added = await insertRows<typeof frozenTable.columns, AddedRecord>(
      session,
      frozenTable,
      records.map((record, i) => frozenRow(part[i]!, record, closedAt)),
      { skipping: true, returning: 'key, execution_id' },
    );
    await indexExposures(session, records, added);
    await noteVersions(session, records);
  }
}

/** Long executions by themselves, small ones together. */
function* inParts(rows: readonly ClosingRow[]): Generator<readonly ClosingRow[]> {
  let part: ClosingRow[] = [];
  let spans = 0;
  for (const row of rows) {
    if (part.length > 0 && spans + Number(row.spans) > sliceSpans) {
      yield part;
      part = [];
      spans = 0;
    }
    part.push(row);
    spans += Number(row.spans);
  }
  if (part.length > 0) yield part;
}

function frozenRow(
  row: ClosingRow,
  record: FrozenExecution,
  closedAt: bigint,
): TableRow<typeof frozenTable.columns> {
  return {
    execution_id: row.execution_id,
    task_id: row.task_id,
    agent_id: row.agent_id,
    root_start_time: int64Text(record.rootStartTimeUnixNano),
    closed_at: int64Text(closedAt),
    body: packFrozen(record),
    outcome: row.rewards,
  };
}

type StepSpan = FoldSpan & {
  readonly tool: string | null;
  readonly errorType: string | null;
  readonly toolArgumentsHash: string | null;
  readonly meaningVersion: number;
};

interface Made {
  readonly row: ClosingRow;
  readonly folded: FoldedExecution | null;
  /** In order. */
  readonly spans: readonly StepSpan[];
  readonly root: StepSpan | null;
}

function partsOf(spans: readonly StepSpan[]): Omit<Made, 'row'> {
  if (spans.length === 0) return { folded: null, spans, root: null };
  const folded = foldExecution(stateOf(spans));
  const root = spans.find((span) => isRoot(span, folded))!;
  return { folded, spans, root };
}

function makeRecord(
  row: ClosingRow,
  folded: FoldedExecution | null,
  spans: readonly StepSpan[],
): Omit<FrozenExecution, 'tags' | 'rootAttributes'> {
  const explicit = explicitOf(row);
  return {
    id: row.execution_id,
    taskId: row.task_id,
    ...taskOf(folded),
    attempt: Number(row.attempt),
    replication: Number(row.replication),
    attemptsUnknown: folded?.flags.includes('attempts_unknown') ?? false,
    attemptMarked: isMarked(explicit, folded),
    agent: {
      id: row.agent_id,
      name: row.agent_name,
      version: row.agent_version,
      type: row.agent_type,
    },
    sessionId: folded?.sessionId ?? null,
    status: row.status,
    config: row.config === null ? null : parseAttributes(row.config),
    propensities: folded?.propensities ?? null,
    exposures: folded?.exposures ?? noExposures,
    sampling: folded?.sampling ?? assumedUnsampled,
    meaningVersion: Math.min(...new Set(spans.map((span) => span.meaningVersion)), latestMeaning),
    rootSpan: folded?.root ?? null,
    rootStartTimeUnixNano:
      folded?.rootStartTimeUnixNano ?? BigInt.asUintN(64, BigInt(row.start_text)),
    durationNano: folded?.durationNano ?? null,
    inputTokens: folded?.inputTokens ?? null,
    outputTokens: folded?.outputTokens ?? null,
    costUsd: folded?.costUsd ?? null,
    steps: spans.map(toStep),
  };
}

/** No version is later. */
const latestMeaning = 2 ** 31 - 1;

const explicitOf = (row: ClosingRow): ExplicitExecution =>
  row.explicit === null ? {} : (JSON.parse(row.explicit) as ExplicitExecution);

const noExposures: readonly Exposure[] = [];

const isRoot = (span: FoldSpan, { root }: FoldedExecution): boolean =>
  span.spanId === root.spanId && span.traceId === root.traceId;

const taskOf = (
  folded: FoldedExecution | null,
): Pick<FrozenExecution, 'taskType' | 'taskGroup'> => ({
  taskType: folded?.taskType ?? null,
  taskGroup: folded?.taskGroup ?? null,
});

const isMarked = (explicit: ExplicitExecution, folded: FoldedExecution | null): boolean =>
  [explicit.attempt, explicit.replication, folded?.attempt, folded?.replication].some(
    (said) => said != null,
  );

/** By execution key, in order; a long execution in pages, so that it holds nobody up. */
async function readSpans(
  session: Session,
  rows: readonly ClosingRow[],
): Promise<ReadonlyMap<number, readonly StepSpan[]>> {
  const keys = rows.map((row) => Number(row.key));
  const byExecution = new Map<number, StepSpan[]>(keys.map((key) => [key, []]));
  const { inList, list } = session.dialect;
  const select = selectFoldSpans(
    session.dialect,
    ', s.tool, s.error_type, s.tool_arguments_hash, s.meaning_version',
  );
  const page = rows.length > 1 ? maxSmallSpans : sliceSpans;
  for (let after: StepSpan | null = null; ;) {
    const beyond: string =
      after === null ? '' : 'AND (s.start_time, s.key) > (CAST(? AS bigint), ?) ';
    const found: readonly (FoldRow & StepColumns)[] = await session.all<FoldRow & StepColumns>(
      `${select} WHERE ${inList('s.execution_key', 'bigint')} ${beyond}` +
        `${rows.length > 1 ? '' : `ORDER BY s.start_time, s.key `}LIMIT ${page}`,
      after === null ? [list(keys)] : [list(keys), int64Text(after.startTimeUnixNano), after.key],
    );
    const spans: readonly StepSpan[] = found.map(toStepSpan);
    for (const span of spans) byExecution.get(span.executionKey!)!.push(span);
    if (found.length < page) break;
    after = spans.at(-1)!;
    await nextTurn();
  }
  for (const spans of byExecution.values()) spans.sort(compareSteps);
  return byExecution;
}

/** As they happened: of two that start at once, as clocks of milliseconds have it, the one that ends first. */
function compareSteps(a: StepSpan, b: StepSpan): number {
  if (a.startTimeUnixNano === b.startTimeUnixNano && a.endTimeUnixNano !== b.endTimeUnixNano) {
    if (a.endTimeUnixNano === null) return 1;
    if (b.endTimeUnixNano === null || a.endTimeUnixNano < b.endTimeUnixNano) return -1;
    return 1;
  }
  return compareSpans(a, b);
}

/** More than small executions that are read together have. */
const maxSmallSpans = 10 * sliceSpans;

interface StepColumns {
  readonly tool: string | null;
  readonly error_type: string | null;
  readonly tool_arguments_hash: string | null;
  readonly meaning_version: number | string;
}

const toStepSpan = (row: FoldRow & StepColumns): StepSpan => ({
  ...toFoldSpan(row),
  tool: row.tool,
  errorType: row.error_type,
  toolArgumentsHash: row.tool_arguments_hash,
  meaningVersion: Number(row.meaning_version),
});

/**
 * Tags that were known before it was over: of spans that had ended when the root ended, from the spans themselves.
 * What a carrier or a hand brings may tell how the run went.
 */
async function admittedTags(
  session: Session,
  made: readonly Made[],
): Promise<ReadonlyMap<ClosingRow, readonly string[]>> {
  const inTime = made.flatMap(({ spans, root }) => {
    const end = root?.endTimeUnixNano ?? null;
    return spans.filter(
      ({ endTimeUnixNano }) => endTimeUnixNano !== null && (end === null || endTimeUnixNano <= end),
    );
  });
  const tags = new Map(made.map(({ row }) => [row, new Set(explicitOf(row).tagsAtStart)]));
  const rowOf = new Map(made.map(({ row }) => [Number(row.key), row]));
  const executionOf = new Map(
    inTime.map(({ traceKey, spanId, executionKey }) => [`${traceKey}/${spanId}`, executionKey!]),
  );
  for (let from = 0; from < inTime.length; from += sliceSpans) {
    const part = inTime.slice(from, from + sliceSpans);
    const rows = await session.all<{ trace_key: number | string; span_id: string; tag: string }>(
      `SELECT st.trace_key, st.span_id, g.tag ` +
        `FROM ${session.dialect.rows({ trace_key: 'bigint', span_id: 'text' })} AS given ` +
        `JOIN span_tags AS st ON st.trace_key = given.trace_key AND st.span_id = given.span_id ` +
        `JOIN tags AS g ON g.key = st.tag_key WHERE st.link_key = 0`,
      [JSON.stringify(part.map(({ traceKey, spanId }) => [traceKey, spanId]))],
    );
    for (const { trace_key, span_id, tag } of rows) {
      tags.get(rowOf.get(executionOf.get(`${trace_key}/${span_id}`)!)!)!.add(tag);
    }
  }
  return new Map([...tags].map(([row, own]) => [row, [...own].sort()]));
}

/** By span key. */
async function readAttributes(
  session: Session,
  keys: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (keys.length === 0) return new Map();
  const { inList, list } = session.dialect;
  const rows = await session.all<{ key: number | string; attributes: string }>(
    `SELECT key, attributes FROM spans WHERE ${inList('key', 'bigint')}`,
    [list(keys)],
  );
  return new Map(rows.map(({ key, attributes }) => [Number(key), attributes]));
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
    requestor: span.meaning.requestor ?? null,
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
  };
}
