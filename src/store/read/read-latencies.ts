import type { LatencyFigures, LatencyQuery } from '../../model/ports-upkeep';
import type { Session } from '../database/database';
import { int64Text, uint64 } from '../schema/json-values';
import { between, equal, join } from './record-filter';

/** Exact percentiles sort every run of the range; of more than this many none is read. */
const mostTimedRuns = 200_000;

const columns = { agentId: 'agent_id', taskType: 'task_type', model: 'model' } as const;

/** Percentiles of the runs of each bucket and group; `null` where more than {@link mostTimedRuns} would be sorted. */
export async function readLatencies(
  session: Session,
  { bucketNanos, groupBy, ...query }: LatencyQuery,
): Promise<readonly LatencyFigures[] | null> {
  const { sql, values } = join(
    equal('e.agent_id', query.agentId),
    equal('e.task_type', query.taskType),
    equal('e.model', query.model),
    between('e.start_time', query),
  );
  const where = [...sql, 'e.duration IS NOT NULL'].join(' AND ');
  const [count] = await session.ask<{ runs: number | string }>(
    `SELECT count(*) AS runs FROM (SELECT 1 FROM executions AS e WHERE ${where} ` +
      `LIMIT ${mostTimedRuns + 1}) AS timed`,
    values,
  );
  if (Number(count!.runs) > mostTimedRuns) return null;
  const size = `CAST(? AS bigint)`;
  const start = `(e.start_time - e.start_time % ${size})`;
  const names = groupBy.map((key) => columns[key]);
  const groups = ['start', ...names].join(', ');
  const rank = (share: number): string =>
    `max(CASE WHEN place = CAST((n * ${share} + 99) / 100 AS bigint) THEN duration END)`;
  const timed =
    `SELECT ${[`${start} AS start`, ...names.map((name) => `e.${name}`), 'e.duration'].join(', ')} ` +
    `FROM executions AS e WHERE ${where}`;
  const ranked =
    `SELECT ${groups}, duration, row_number() OVER (PARTITION BY ${groups} ORDER BY duration) AS place, ` +
    `count(*) OVER (PARTITION BY ${groups}) AS n FROM (${timed}) AS timed`;
  const rows = await session.ask<Record<string, number | string | null>>(
    `SELECT ${[session.dialect.asText('start') + ' AS at', ...names].join(', ')}, ` +
      `${rank(50)} AS p50, ${rank(95)} AS p95 FROM (${ranked}) AS ranked GROUP BY ${groups}`,
    [int64Text(bucketNanos), ...values],
  );
  const name = (key: keyof typeof columns, row: (typeof rows)[number]): string | null =>
    groupBy.includes(key) && row[columns[key]] != null ? String(row[columns[key]]) : null;
  return rows.map((row) => ({
    startUnixNano: uint64(String(row['at'])),
    agentId: name('agentId', row),
    taskType: name('taskType', row),
    model: name('model', row),
    p50: Number(row['p50']) / 1e6,
    p95: Number(row['p95']) / 1e6,
  }));
}
