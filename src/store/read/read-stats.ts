import type { EvolutionStats, StatsQuery, StoreTotals, ToolStats } from '../../model/query';
import type { Session } from '../database/database';
import { wilsonInterval } from '../../stats';
import { uint64 } from '../schema/json-values';
import { between, type Conditions, equal, join } from './record-filter';

/** Figures over the executions of an agent in a time range; percentiles are exact (nearest rank). */
export async function getStats(session: Session, query: StatsQuery): Promise<EvolutionStats> {
  const conditions = join(equal('e.agent_id', query.agentId), between('e.start_time', query));
  const where = conditions.sql.length === 0 ? '' : `WHERE ${conditions.sql.join(' AND ')}`;
  const { asText } = session.dialect;
  const [sums] = await session.ask<Record<string, number | string | null>>(
    `SELECT count(*) AS executions, count(e.success) AS judged, sum(e.success) AS successes, ` +
      `avg(e.reward) AS mean_reward, sum(e.cost_usd) AS cost_usd, sum(e.input_tokens) AS input_tokens, ` +
      `sum(e.output_tokens) AS output_tokens, sum(e.errors) AS errors, ` +
      `${asText('min(e.start_time)')} AS first, ${asText('max(e.start_time)')} AS last ` +
      `FROM executions AS e ${where}`,
    conditions.values,
  );
  const number = (value: number | string | null | undefined): number | null =>
    value == null ? null : Number(value);
  return {
    agentId: query.agentId ?? null,
    timeRange: {
      startUnixNano: query.sinceUnixNano ?? toTime(sums!.first),
      endUnixNano: query.untilUnixNano ?? toTime(sums!.last),
    },
    executions: Number(sums!.executions),
    successRate: rateOf(Number(sums!.successes), Number(sums!.judged)),
    meanReward: number(sums!.mean_reward),
    latencyMs: await readLatency(session, conditions),
    costUsd: number(sums!.cost_usd),
    tokens: { input: number(sums!.input_tokens), output: number(sums!.output_tokens) },
    errors: Number(sums!.errors),
    tools: await readTools(session, conditions),
  };
}

export async function listAgents(session: Session): Promise<readonly string[]> {
  const rows = await session.all<{ agent_id: string }>(
    'SELECT DISTINCT agent_id FROM executions WHERE agent_id IS NOT NULL ORDER BY agent_id',
  );
  return rows.map((row) => row.agent_id);
}

export async function getTotals(session: Session): Promise<StoreTotals> {
  const tables = ['tasks', 'executions', 'spans', 'rewards', 'tags'] as const;
  const counts = [...tables.map((name) => [name, name]), ['links', 'span_links']].map(
    ([name, table]) => `(SELECT count(*) FROM ${table}) AS ${name}`,
  );
  const [row] = await session.all<Record<keyof StoreTotals, number | string>>(
    `SELECT ${counts.join(', ')}`,
  );
  return {
    tasks: Number(row!.tasks),
    executions: Number(row!.executions),
    spans: Number(row!.spans),
    links: Number(row!.links),
    rewards: Number(row!.rewards),
    tags: Number(row!.tags),
  };
}

const toTime = (value: number | string | null | undefined): bigint | null =>
  value == null ? null : uint64(String(value));

async function readLatency(
  session: Session,
  conditions: Conditions,
): Promise<EvolutionStats['latencyMs']> {
  const where = [...conditions.sql, 'e.duration IS NOT NULL'].join(' AND ');
  const rank = (share: number): string =>
    `max(CASE WHEN place = CAST((n * ${share * 100} + 99) / 100 AS bigint) THEN duration END)`;
  const [row] = await session.ask<Record<string, number | string | null>>(
    `SELECT ${rank(0.5)} AS p50, ${rank(0.95)} AS p95, ${rank(0.99)} AS p99 FROM ` +
      `(SELECT e.duration, row_number() OVER (ORDER BY e.duration) AS place, count(*) OVER () AS n ` +
      `FROM executions AS e WHERE ${where}) AS ranked`,
    conditions.values,
  );
  if (row!.p50 == null) return null;
  const millis = (value: number | string | null | undefined): number => Number(value) / 1e6;
  return { p50: millis(row!.p50), p95: millis(row!.p95), p99: millis(row!.p99) };
}

async function readTools(session: Session, conditions: Conditions): Promise<readonly ToolStats[]> {
  const where = [...conditions.sql, `s.role = 'tool'`, 's.tool IS NOT NULL'].join(' AND ');
  const rows = await session.ask<{
    name: string;
    calls: number | string;
    errors: number | string;
  }>(
    `SELECT s.tool AS name, count(*) AS calls, sum(CASE WHEN s.status_code = 2 THEN 1 ELSE 0 END) AS errors ` +
      `FROM spans AS s JOIN executions AS e ON e.key = s.execution_key WHERE ${where} ` +
      `GROUP BY s.tool ORDER BY calls DESC, name`,
    conditions.values,
  );
  return rows.map((row) => ({
    name: row.name,
    calls: Number(row.calls),
    errors: Number(row.errors),
  }));
}

function rateOf(successes: number, n: number): EvolutionStats['successRate'] {
  if (n === 0) return null;
  return { value: successes / n, interval: wilsonInterval(successes, n, 0.95) };
}
