import { z } from 'zod';
import type { JobState } from '../model/ports-upkeep';
import type { EvolutionStats, StoreTotals } from '../model/query';
import { jobsSchema, jobsToWire } from './jobs';
import {
  countSchema,
  intervalSchema,
  intervalToWire,
  nanosSchema,
  scoreSchema,
  tokensSchema,
} from './scalars';

const latencySchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

const toolStatsSchema = z
  .object({ name: z.string(), calls: countSchema, errors: countSchema })
  .meta({ id: 'ToolStats' });

/** A success rate with its 95 % interval (Wilson). */
export const rateSchema = z
  .object({ value: scoreSchema, interval: intervalSchema })
  .meta({ id: 'Rate', description: 'A share with its 95 % interval (Wilson).' });

const measured = {
  executions: countSchema,
  judged: countSchema.meta({
    description: 'Runs whose success is known; `success_rate` is of these.',
  }),
  rewarded: countSchema.meta({ description: 'Runs that have a reward.' }),
  mean_reward: z.number().nullable(),
  latency_ms: latencySchema
    .nullable()
    .meta({ description: 'Over the finished ones with real times of the latest runs.' }),
  cost_usd: z.number().nullable().meta({ description: 'Sum over executions of known cost.' }),
  tokens: tokensSchema,
  errors: countSchema,
  tools: z.array(toolStatsSchema).meta({ description: 'What the latest runs called.' }),
  latest_runs: countSchema.meta({
    description:
      'Runs that latency and tools are of; all of them where there are no more than some thousand.',
  }),
  latest_unrewarded: countSchema.meta({
    description: 'How many of the latest runs began after the last one that has a reward.',
  }),
};

const timeRangeSchema = z.object({
  start_unix_nano: nanosSchema.nullable(),
  end_unix_nano: nanosSchema.nullable(),
});

/** `GET /stats/{agent_id}`. */
export const agentStatsSchema = z
  .object({
    agent_id: z.string().nullable(),
    time_range: timeRangeSchema,
    success_rate: rateSchema.nullable(),
    ...measured,
  })
  .meta({ id: 'AgentStats', description: 'How one agent does.' });

export type AgentStatsJson = z.infer<typeof agentStatsSchema>;

/** A row of `GET /stats` and `stats --json`: the success rate is a number. */
const agentRowSchema = z
  .object({
    agent_id: z.string().nullable(),
    time_range: timeRangeSchema,
    success_rate: scoreSchema.nullable(),
    success_rate_interval: intervalSchema.nullable(),
    ...measured,
  })
  .meta({ id: 'AgentRow' });

export const statsSchema = z
  .object({
    tasks: countSchema,
    executions: countSchema,
    spans: countSchema,
    links: countSchema,
    rewards: countSchema,
    tags: countSchema,
    agents: z.array(agentRowSchema),
    jobs: jobsSchema,
  })
  .meta({ id: 'Stats', description: 'What is stored, and a row per agent.' });

export type StatsJson = z.infer<typeof statsSchema>;

export function statsToWire(
  totals: StoreTotals,
  agents: readonly EvolutionStats[],
  jobs: JobState,
): StatsJson {
  return {
    tasks: totals.tasks,
    executions: totals.executions,
    spans: totals.spans,
    links: totals.links,
    rewards: totals.rewards,
    tags: totals.tags,
    agents: agents.map((stats) => {
      const { success_rate: rate, ...rest } = agentStatsToWire(stats);
      return {
        ...rest,
        success_rate: rate?.value ?? null,
        success_rate_interval: rate?.interval ?? null,
      };
    }),
    jobs: jobsToWire(jobs),
  };
}

export function agentStatsToWire(stats: EvolutionStats): AgentStatsJson {
  const { latencyMs, successRate, timeRange, tokens } = stats;
  return {
    agent_id: stats.agentId,
    time_range: {
      start_unix_nano: timeRange.startUnixNano?.toString() ?? null,
      end_unix_nano: timeRange.endUnixNano?.toString() ?? null,
    },
    success_rate: successRate && {
      value: successRate.value,
      interval: intervalToWire(successRate.interval),
    },
    executions: stats.executions,
    judged: stats.judged,
    rewarded: stats.rewarded,
    mean_reward: stats.meanReward,
    latency_ms: latencyMs && { p50: latencyMs.p50, p95: latencyMs.p95, p99: latencyMs.p99 },
    cost_usd: stats.costUsd,
    tokens: { input: tokens.input, output: tokens.output },
    errors: stats.errors,
    tools: stats.tools.map(({ name, calls, errors }) => ({ name, calls, errors })),
    latest_runs: stats.latestRuns,
    latest_unrewarded: stats.latestUnrewarded,
  };
}
