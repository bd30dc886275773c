import type { Page, RewardQuery } from '../../model/query';
import type { Reward, RewardClaim } from '../../model/reward';
import type { Session } from '../database/database';
import type { Dialect } from '../database/dialect';
import { numbersByName, uint64 } from '../schema/json-values';
import { cleanText } from '../schema/text';
import { type Keyset, readKeyset } from './keyset';
import { between, type Conditions, equal, join, noConditions } from './record-filter';

interface RewardRead {
  readonly key: number | string;
  readonly timestamp: string;
  readonly body: string;
  readonly superseded: number | string;
  readonly resolved: number | string;
}

/** Rewards, the latest first. */
export async function queryRewards(session: Session, query: RewardQuery): Promise<Page<Reward>> {
  const keyset: Keyset<RewardRead> = {
    list: 'rewards',
    select: selectRewards(session.dialect),
    order: [
      { column: 'r.timestamp', kind: 'int' },
      { column: 'r.key', kind: 'int' },
    ],
    direction: 'DESC',
    position: (row) => [row.timestamp, String(row.key)],
  };
  const conditions = join(
    query.traceId === undefined
      ? noConditions
      : join(
          { sql: [`r.target_kind IN ('span', 'trace', 'query')`], values: [] },
          equal('r.target_id', query.traceId),
        ),
    equal('r.reward_id', query.id),
    equal('r.target_span_id', query.spanId),
    query.executionId === undefined
      ? noConditions
      : ofExecutions('e.execution_id', query.executionId, 'execution'),
    query.taskId === undefined ? noConditions : ofExecutions('k.task_id', query.taskId, 'task'),
    equal('r.name', query.name),
    equal('r.source', query.source),
    between('r.timestamp', query),
  );
  const { rows, nextCursor } = await readKeyset(session, keyset, conditions, query);
  return { items: rows.map(toReward), nextCursor };
}

export async function getReward(session: Session, id: string): Promise<Reward> {
  const [row] = await session.all<RewardRead>(
    `${selectRewards(session.dialect)} WHERE r.reward_id = ?`,
    [cleanText(id)],
  );
  return toReward(row!);
}

/** Rewards of an execution or a task itself, and of all spans, traces and executions under it. */
function ofExecutions(
  column: 'e.execution_id' | 'k.task_id',
  id: string,
  kind: 'execution' | 'task',
): Conditions {
  const under = `FROM executions AS e JOIN tasks AS k ON k.key = e.task_key`;
  const spans = `${under} JOIN spans AS s ON s.execution_key = e.key JOIN traces AS t ON t.key = s.trace_key`;
  return {
    sql: [
      `((r.target_kind = '${kind}' AND r.target_id = ?) ` +
        `OR (r.target_kind = 'execution' AND r.target_id IN (SELECT e.execution_id ${under} WHERE ${column} = ?)) ` +
        `OR (r.target_kind = 'trace' AND r.target_id IN (SELECT e.root_trace_id ${under} WHERE ${column} = ?)) ` +
        `OR (r.target_kind IN ('span', 'query') AND (r.target_id, r.target_span_id) IN ` +
        `(SELECT t.trace_id, s.span_id ${spans} WHERE ${column} = ?)))`,
    ],
    values: Array<string>(4).fill(cleanText(id)),
  };
}

function selectRewards({ asText }: Dialect): string {
  const found = (table: string, condition: string): string =>
    `EXISTS (SELECT 1 FROM ${table} WHERE ${condition})`;
  return (
    `SELECT r.key, ${asText('r.timestamp')} AS timestamp, r.body, ` +
    `CASE WHEN ${found('rewards AS n', 'n.supersedes = r.reward_id')} THEN 1 ELSE 0 END AS superseded, ` +
    `CASE r.target_kind ` +
    `WHEN 'execution' THEN CASE WHEN ${found('executions AS x', 'x.execution_id = r.target_id')} THEN 1 ELSE 0 END ` +
    `WHEN 'task' THEN CASE WHEN ${found('tasks AS x', 'x.task_id = r.target_id')} THEN 1 ELSE 0 END ` +
    `WHEN 'session' THEN CASE WHEN ${found('executions AS x', 'x.session_id = r.target_id')} THEN 1 ELSE 0 END ` +
    `WHEN 'trace' THEN CASE WHEN ${found('traces AS x', 'x.trace_id = r.target_id AND x.spans > 0')} THEN 1 ELSE 0 END ` +
    `ELSE CASE WHEN ${found(
      'traces AS x JOIN spans AS y ON y.trace_key = x.key',
      'x.trace_id = r.target_id AND y.span_id = r.target_span_id',
    )} THEN 1 ELSE 0 END END AS resolved FROM rewards AS r`
  );
}

function toReward(row: RewardRead): Reward {
  const claim = JSON.parse(row.body) as Omit<RewardClaim, 'timestampUnixNano'>;
  return {
    ...claim,
    dimensions: numbersByName(Object.entries(claim.dimensions)),
    timestampUnixNano: uint64(row.timestamp),
    superseded: Number(row.superseded) === 1,
    resolved: Number(row.resolved) === 1,
  };
}
