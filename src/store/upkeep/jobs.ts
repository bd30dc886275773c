import type { HourlyFigures, HourlyQuery, JobState } from '../../model/ports-upkeep';
import type { Session } from '../database/database';
import { rollupGroup, rollupSums } from '../derive/consequences';
import type { DeriverCounters } from '../derive/deriver';
import { rewardUnits } from '../derive/reward-unit';
import { keyPhase } from '../ingest/match-keys';
import { between, equal, join } from '../read/record-filter';
import { uint64 } from '../schema/json-values';
import { readLearningRefusal } from './learning-refusal';
import { readRetention, type RetentionLimits } from './retention';

export async function readJobs(
  session: Session,
  counters: DeriverCounters & Pick<JobState, 'unlistedSpans'>,
  refusedClaims: number,
  limits: RetentionLimits,
): Promise<JobState> {
  const count = (table: string, dirty: string): string =>
    `(SELECT count(*) FROM ${table} WHERE dirty > 0 AND dirty ${dirty} 3)`;
  const [row] = await session.all<Record<string, number | string | null>>(
    `SELECT ${count('traces', '<')} AS traces, ${count('executions', '<')} AS executions, ` +
      `${count('traces', '=')} AS failed_traces, ${count('executions', '=')} AS failed_executions, ` +
      `(SELECT count(*) FROM match_keys WHERE name IS NOT NULL) AS match_keys, ` +
      `(SELECT count(*) FROM match_keys WHERE name IS NOT NULL AND phase < ${keyPhase.ready}) AS waiting_keys, ` +
      `(SELECT holder FROM leases WHERE name = 'derive') AS holder, ` +
      `${session.dialect.asText('(SELECT closed_at FROM frozen ORDER BY key DESC LIMIT 1)')} AS closed`,
  );
  const errors = await session.all<{ trace_id: string; derive_error: string }>(
    `SELECT trace_id, derive_error FROM traces WHERE dirty = 3 AND dirty > 0 ORDER BY key LIMIT 10`,
  );
  return {
    ...counters,
    backlog: { traces: Number(row!.traces), executions: Number(row!.executions) },
    failed: { traces: Number(row!.failed_traces), executions: Number(row!.failed_executions) },
    errors: errors.map((error) => ({ traceId: error.trace_id, reason: error.derive_error })),
    leaseHolder: row!.holder as string | null,
    lastCloseUnixNano: row!.closed === null ? null : uint64(String(row!.closed)),
    matchKeys: {
      known: Number(row!.match_keys),
      waiting: Number(row!.waiting_keys),
      refusedClaims,
    },
    retention: await readRetention(session, limits),
    learningRefusal: await readLearningRefusal(session),
  };
}

export async function readHourly(
  session: Session,
  query: HourlyQuery,
): Promise<readonly HourlyFigures[]> {
  const conditions = join(
    equal('r.agent_id', query.agentId),
    equal('r.task_type', query.taskType),
    equal('r.model', query.model),
    between('r.hour', query),
  );
  const columns = rollupGroup.map((name) => `r.${name}`).join(', ');
  const where = conditions.sql.length === 0 ? '' : `WHERE ${conditions.sql.join(' AND ')} `;
  const rows = await session.ask<Record<string, number | string>>(
    `SELECT ${columns}, ${session.dialect.asText('r.hour')} AS hour_text, ` +
      `${rollupSums.map((name) => `sum(r.${name}) AS ${name}`).join(', ')} FROM rollups AS r ${where}` +
      `GROUP BY ${columns} HAVING sum(r.executions) > 0 ORDER BY ${columns} LIMIT 10000`,
    conditions.values,
  );
  const name = (value: number | string | undefined): string | null => String(value) || null;
  return rows.map((row) => ({
    hourUnixNano: uint64(String(row.hour_text)),
    agentId: name(row.agent_id),
    taskType: name(row.task_type),
    model: name(row.model),
    executions: Number(row.executions),
    failed: Number(row.failed),
    judged: Number(row.judged),
    successes: Number(row.successes),
    rewarded: Number(row.rewards),
    meanReward:
      Number(row.rewards) === 0 ? null : Number(row.reward_sum) / Number(row.rewards) / rewardUnits,
    errors: Number(row.errors),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    costUsd: Number(row.cost_pico) / 1e12,
    timed: Number(row.durations),
    meanLatencyMs:
      Number(row.durations) === 0 ? null : Number(row.duration_sum) / Number(row.durations) / 1e6,
  }));
}
