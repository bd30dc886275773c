import type { EvolutionStats, StatsQuery, StoreTotals, ToolStats } from '../../model/query';
import type { Session } from '../database/database';
import { wilsonInterval } from '../../stats';
import { uint64 } from '../schema/json-values';
import { readTotals } from '../schema/totals';
import { rewardUnits } from '../derive/reward-unit';
import { between, type Conditions, equal, join } from './record-filter';

/** Latency and tools are of the latest runs: of no more, */
const mostRecentRuns = 2_000;
/** and together of no more spans, unless one run alone has more. */
const defaultLatestSpans = 10_000;

/**
 * Figures over the executions of an agent in a time range: sums of all of them, from the hourly roll-ups and, where the range
 * begins or ends within an hour, from the runs of that hour; percentiles (exact, nearest rank) and tools of the latest.
 */
export async function getStats(session: Session, query: StatsQuery): Promise<EvolutionStats> {
  const sums = await readSums(session, query);
  const range = await readRange(session, query);
  const recent = recentRuns(query);
  const mean = sums.rewards === 0 ? null : sums.reward_sum / sums.rewards / rewardUnits;
  return {
    agentId: query.agentId ?? null,
    timeRange: {
      startUnixNano: query.sinceUnixNano ?? range.first,
      endUnixNano: query.untilUnixNano ?? range.last,
    },
    executions: sums.executions,
    judged: sums.judged,
    rewarded: sums.rewards,
    successRate: rateOf(sums.successes, sums.judged),
    meanReward: mean,
    // The sums do not tell nothing from nothing known.
    costUsd: sums.cost_pico / 1e12 || null,
    tokens: { input: sums.input_tokens || null, output: sums.output_tokens || null },
    errors: sums.errors,
    ...(await readLatency(session, recent)),
    tools: await readTools(session, recent),
  };
}

/** One agent after the other along the index, however many runs each has. */
export async function listAgents(session: Session): Promise<readonly string[]> {
  const next = (after: string): string => `(SELECT min(agent_id) FROM executions${after})`;
  const rows = await session.all<{ agent_id: string }>(
    `WITH RECURSIVE agents (agent_id) AS (SELECT ${next('')} UNION ALL ` +
      `SELECT ${next(' WHERE agent_id > agents.agent_id')} FROM agents WHERE agents.agent_id IS NOT NULL) ` +
      `SELECT agent_id FROM agents WHERE agent_id IS NOT NULL`,
  );
  return rows.map((row) => row.agent_id);
}

export async function getTotals(session: Session): Promise<StoreTotals> {
  const count = await readTotals(session);
  return {
    tasks: count('tasks'),
    executions: count('executions'),
    spans: count('spans'),
    links: count('span_links'),
    rewards: count('rewards'),
    tags: count('tags'),
  };
}

const summed = ['executions', 'judged', 'successes', 'rewards', 'reward_sum', 'errors'] as const;
const spent = ['input_tokens', 'output_tokens', 'cost_pico'] as const;
type Sums = Record<(typeof summed)[number] | (typeof spent)[number], number>;

async function readSums(session: Session, query: StatsQuery): Promise<Sums> {
  const { whole, parts } = splitRange(query);
  const agent = (table: string): Conditions => equal(`${table}.agent_id`, query.agentId);
  const hours = whole && join(agent('r'), between('r.hour', whole));
  const select = [...summed, ...spent].map((name) => `sum(r.${name}) AS ${name}`).join(', ');
  const found = [
    ...(hours ? [await one(session, `SELECT ${select} FROM rollups AS r`, hours)] : []),
  ];
  for (const part of parts) {
    const conditions = join(agent('e'), between('e.start_time', part));
    found.push(await one(session, `SELECT ${sumsOfRuns} FROM executions AS e`, conditions));
  }
  const sum = (name: keyof Sums): number =>
    found.reduce((total, row) => total + Number(row[name] ?? 0), 0);
  return Object.fromEntries([...summed, ...spent].map((name) => [name, sum(name)])) as Sums;
}

const sumsOfRuns =
  `count(*) AS executions, count(e.success) AS judged, sum(e.success) AS successes, ` +
  `count(e.reward) AS rewards, sum(e.reward * ${rewardUnits}) AS reward_sum, sum(e.errors) AS errors, ` +
  `sum(e.input_tokens) AS input_tokens, sum(e.output_tokens) AS output_tokens, sum(e.cost_usd * 1e12) AS cost_pico`;

const hourNano = 3_600_000_000_000n;

type Range = Pick<StatsQuery, 'sinceUnixNano' | 'untilUnixNano'>;

/** The whole hours of a range (`null` where there are none), and what it has of the hours at its ends. */
function splitRange({ sinceUnixNano: since, untilUnixNano: until }: Range): {
  readonly whole: Range | null;
  readonly parts: readonly Range[];
} {
  const first =
    since === undefined ? undefined : since + ((hourNano - (since % hourNano)) % hourNano);
  const last = until === undefined ? undefined : until - (until % hourNano);
  if (first !== undefined && last !== undefined && first >= last) {
    return { whole: null, parts: [{ sinceUnixNano: since, untilUnixNano: until }] };
  }
  return {
    whole: { sinceUnixNano: first, untilUnixNano: last },
    parts: [
      ...(first === since ? [] : [{ sinceUnixNano: since, untilUnixNano: first }]),
      ...(last === until ? [] : [{ sinceUnixNano: last, untilUnixNano: until }]),
    ],
  };
}

/** When the first and the last of the runs began, each by its end of an index. */
async function readRange(
  session: Session,
  query: StatsQuery,
): Promise<{ readonly first: bigint | null; readonly last: bigint | null }> {
  const { asText } = session.dialect;
  const conditions = conditionsOf(query);
  const of = async (aggregate: string): Promise<bigint | null> => {
    const select = `SELECT ${asText(`${aggregate}(e.start_time)`)} AS at FROM executions AS e`;
    const { at } = await one(session, select, conditions);
    return at == null ? null : uint64(String(at));
  };
  return { first: await of('min'), last: await of('max') };
}

const conditionsOf = (query: StatsQuery): Conditions =>
  join(equal('e.agent_id', query.agentId), between('e.start_time', query));

async function one(
  session: Session,
  select: string,
  { sql, values }: Conditions,
): Promise<Record<string, number | string | null>> {
  const where = sql.length === 0 ? '' : ` WHERE ${sql.join(' AND ')}`;
  const [row] = await session.ask<Record<string, number | string | null>>(select + where, values);
  return row!;
}

/** `recent`: key, start, duration and reward of the latest runs. */
function recentRuns(query: StatsQuery): Conditions {
  const { sql, values } = conditionsOf(query);
  const where = sql.length === 0 ? '' : `WHERE ${sql.join(' AND ')}`;
  return {
    sql: [
      `WITH latest AS (SELECT e.key, e.start_time, e.duration, e.spans, e.reward FROM executions AS e ${where} ` +
        `ORDER BY e.start_time DESC, e.key DESC LIMIT ${mostRecentRuns}), ` +
        `recent AS (SELECT key, start_time, duration, reward FROM (SELECT key, start_time, duration, reward, sum(spans) OVER ` +
        `(ORDER BY start_time DESC, key DESC) - spans AS earlier FROM latest) AS ranked ` +
        `WHERE earlier < ${Math.trunc(query.latestSpans ?? defaultLatestSpans)})`,
    ],
    values,
  };
}

async function readLatency(
  session: Session,
  recent: Conditions,
): Promise<Pick<EvolutionStats, 'latencyMs' | 'latestRuns' | 'latestUnrewarded'>> {
  const rank = (share: number): string =>
    `max(CASE WHEN place = CAST((n * ${share * 100} + 99) / 100 AS bigint) THEN duration END)`;
  const [row] = await session.ask<Record<string, number | string | null>>(
    `${recent.sql.join('')} SELECT (SELECT count(*) FROM recent) AS runs, (SELECT count(*) FROM recent WHERE start_time > ` +
      `coalesce((SELECT max(start_time) FROM recent WHERE reward IS NOT NULL), -1)) AS unrewarded, ` +
      `${rank(0.5)} AS p50, ${rank(0.95)} AS p95, ${rank(0.99)} AS p99 FROM ` +
      `(SELECT duration, row_number() OVER (ORDER BY duration) AS place, count(*) OVER () AS n ` +
      `FROM recent WHERE duration IS NOT NULL) AS ranked`,
    recent.values,
  );
  const millis = (value: number | string | null | undefined): number => Number(value) / 1e6;
  return {
    latestRuns: Number(row!.runs),
    latestUnrewarded: Number(row!.unrewarded),
    latencyMs:
      row!.p50 == null
        ? null
        : { p50: millis(row!.p50), p95: millis(row!.p95), p99: millis(row!.p99) },
  };
}

async function readTools(session: Session, recent: Conditions): Promise<readonly ToolStats[]> {
  const rows = await session.ask<{
    name: string;
    calls: number | string;
    errors: number | string;
  }>(
    `${recent.sql.join('')} ` +
      `SELECT s.tool AS name, count(*) AS calls, sum(CASE WHEN s.status_code = 2 THEN 1 ELSE 0 END) AS errors ` +
      `FROM recent JOIN spans AS s ON s.execution_key = recent.key ` +
      `WHERE s.role = 'tool' AND s.tool IS NOT NULL GROUP BY s.tool ORDER BY calls DESC, name`,
    recent.values,
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
