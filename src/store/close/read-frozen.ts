import type { ClosedExecution } from '../../model/learning';
import type { FrozenPage, OutcomeChange, OutcomePage } from '../../model/ports-learning';
import type { Database, Session, SqlValue } from '../database/database';
import { cleanText } from '../schema/text';
import { parseNumbers, unpackFrozen } from './frozen-record';
import { readTotals } from '../schema/totals';

export interface ClosedFilter {
  readonly throughCut?: number | undefined;
  readonly agentId?: string | undefined;
  readonly executionIds?: readonly string[] | undefined;
}

/** Closed executions by (root start, execution id), a page at a time; no span is read. */
export async function* readClosedExecutions(
  database: Database,
  filter: ClosedFilter,
): AsyncGenerator<ClosedExecution> {
  let rows: readonly FrozenRow[] = [];
  do {
    const last = rows.at(-1) ?? null;
    rows = await database.read((session) => readRows(session, filter, last));
    for (const row of rows) yield toClosed(row);
  } while (rows.length === pageSize);
}

const pageSize = 100;

interface FrozenRow extends RecordRow {
  readonly execution_id: string;
  readonly starts: string;
}

interface RecordRow {
  readonly body: string;
  readonly outcome: string;
  readonly cut: number | string | null;
}

const toClosed = ({ body, outcome, cut }: RecordRow): ClosedExecution => ({
  ...unpackFrozen(body, outcome),
  cut: cut === null ? null : Number(cut),
});

function readRows(
  session: Session,
  { throughCut, agentId, executionIds }: ClosedFilter,
  after: FrozenRow | null,
): Promise<FrozenRow[]> {
  const { asText, inList, list } = session.dialect;
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const add = (condition: string, ...bound: SqlValue[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (throughCut !== undefined) add('f.cut <= ?', throughCut);
  if (agentId !== undefined) add('f.agent_id = ?', cleanText(agentId));
  if (executionIds !== undefined) {
    add(inList('f.execution_id', 'text'), list(executionIds.map(cleanText)));
  }
  if (after) {
    add(
      '(f.root_start_time, f.execution_id) > (CAST(? AS bigint), ?)',
      after.starts,
      after.execution_id,
    );
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')} `;
  return session.ask<FrozenRow>(
    `SELECT f.execution_id, ${asText('f.root_start_time')} AS starts, f.body, f.outcome, f.cut ` +
      `FROM frozen AS f ${where}ORDER BY f.root_start_time, f.execution_id LIMIT ${pageSize}`,
    values,
  );
}

export async function countClosedExecutions(
  session: Session,
  { judged = false }: { readonly judged?: boolean | undefined } = {},
): Promise<number> {
  return (await readTotals(session))(judged ? 'judged' : 'frozen');
}

/** Records in the order in which they were closed, which is that of their cuts. */
export async function readFrozen(
  session: Session,
  afterCursor: number,
  limit: number,
  throughCut: number | undefined,
): Promise<FrozenPage> {
  const admitted = throughCut === undefined ? '' : 'AND cut <= ? ';
  const rows = await session.all<RecordRow & { readonly key: number | string }>(
    `SELECT key, body, outcome, cut FROM frozen WHERE key > ? ${admitted}ORDER BY key LIMIT ${Math.trunc(limit)}`,
    throughCut === undefined ? [afterCursor] : [afterCursor, throughCut],
  );
  return {
    executions: rows.map(toClosed),
    cursor: rows.length === 0 ? afterCursor : Number(rows.at(-1)!.key),
  };
}

/** Outcomes that changed after closing, in the order of the changes. */
export async function readOutcomeChanges(
  session: Session,
  afterCursor: number | 'now',
  limit: number,
): Promise<OutcomePage> {
  if (afterCursor === 'now') {
    const [row] = await session.all<{ latest: number | string | null }>(
      'SELECT max(key) AS latest FROM outcome_changes',
    );
    return { changes: [], cursor: Number(row?.latest ?? 0) };
  }
  const rows = await session.all<{ key: number | string; execution_id: string; outcome: string }>(
    `SELECT c.key, c.execution_id, f.outcome FROM outcome_changes AS c ` +
      `JOIN frozen AS f ON f.execution_id = c.execution_id ` +
      `WHERE c.key > ? ORDER BY c.key LIMIT ${Math.trunc(limit)}`,
    [afterCursor],
  );
  const changes = rows.map((row): OutcomeChange => ({
    executionId: row.execution_id,
    outcome: parseNumbers(row.outcome),
  }));
  return { changes, cursor: rows.length === 0 ? afterCursor : Number(rows.at(-1)!.key) };
}
