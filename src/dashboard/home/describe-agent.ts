import type { StatsJson } from '../../wire';
import {
  formatCost,
  formatCount,
  formatDuration,
  formatPoints,
  formatShare,
  plural,
} from '../format/format';

export type AgentRow = StatsJson['agents'][number];

/** How an agent does, in one sentence. */
export function describeAgent(row: AgentRow): string {
  const runs = plural(row.executions, 'run');
  if (row.executions === 0) return 'did not run in this time.';
  const { success_rate: rate, success_rate_interval: interval, judged } = row;
  const success =
    rate === null || interval === null
      ? `made ${runs}; nobody has judged them yet`
      : `succeeded in ${formatShare(rate)} of ${judged < row.executions ? `the ${formatCount(judged)} judged of ${runs}` : runs} (95 % interval ${formatShare(interval[0])} to ${formatShare(interval[1])})`;
  return `${success}.`;
}

/** What an agent does, by the tools that it calls; empty where no tool is known. */
export function describeWork({ executions, tools }: AgentRow): string {
  const calls = tools.reduce((sum, tool) => sum + tool.calls, 0);
  if (executions === 0 || calls === 0) return '';
  const named = tools.toSorted((a, b) => b.calls - a.calls).slice(0, 3);
  const more = tools.length - named.length;
  const names = named.map(({ name }) => name).join(', ');
  return `It calls ${names}${more > 0 ? ` and ${plural(more, 'other tool')}` : ''}.`;
}

export interface Change {
  readonly name: string;
  readonly now: string;
  /** Against the time before; `null` where there is nothing to compare with. */
  readonly change: string | null;
}

/** The figures of an agent, each against the period before. */
export function agentFigures(row: AgentRow, before: AgentRow | undefined): readonly Change[] {
  const rate = row.success_rate;
  const earlier = before?.success_rate ?? null;
  const relative = (now: number | null, past: number | null | undefined): string | null =>
    now === null || past == null || past === 0 ? null : percentChange(now / past - 1);
  const tokens = (agent: AgentRow | undefined): number | null =>
    agent === undefined || agent.tokens.input === null
      ? null
      : agent.tokens.input + (agent.tokens.output ?? 0);
  return [
    {
      name: 'Success',
      now: formatShare(rate),
      change: rate === null || earlier === null ? null : formatPoints(rate - earlier),
    },
    {
      name: 'Runs',
      now: formatCount(row.executions),
      change: relative(row.executions, before?.executions),
    },
    {
      name: 'Median time',
      now: formatMillis(row.latency_ms?.p50),
      change: relative(row.latency_ms?.p50 ?? null, before?.latency_ms?.p50),
    },
    {
      name: 'p95 time',
      now: formatMillis(row.latency_ms?.p95),
      change: relative(row.latency_ms?.p95 ?? null, before?.latency_ms?.p95),
    },
    {
      name: 'Cost',
      now: formatCost(row.cost_usd),
      change: relative(row.cost_usd, before?.cost_usd),
    },
    {
      name: 'Tokens',
      now: formatCount(tokens(row)),
      change: relative(tokens(row), tokens(before)),
    },
    { name: 'Errors', now: formatCount(row.errors), change: relative(row.errors, before?.errors) },
    {
      name: 'Without reward',
      now: formatCount(unrewarded(row)),
      change: relative(unrewarded(row), before && unrewarded(before)),
    },
  ];
}

function formatMillis(millis: number | undefined): string {
  return formatDuration(millis === undefined ? null : millis * 1e6);
}

function percentChange(share: number): string {
  return `${share > 0 ? '+' : share < 0 ? '−' : '±'}${formatShare(Math.abs(share))}`;
}

/** What needs a person, in sentences; none when all is well. */
export function attention(stats: StatsJson): readonly string[] {
  const failing = stats.agents.flatMap((row) =>
    row.tools
      .filter((tool) => tool.calls >= 20 && tool.errors / tool.calls > 0.2)
      .map(
        (tool) =>
          `${formatShare(tool.errors / tool.calls)} of ${row.agent_id ?? 'an agent'}’s ${plural(tool.calls, 'call')} of ${tool.name} end in an error.`,
      ),
  );
  const { backlog, failed, learning_refusal: refusal } = stats.jobs;
  const behind = backlog.traces + backlog.executions;
  const broken = failed.traces + failed.executions;
  const stored = [
    ...(behind > 1000
      ? [`${formatCount(behind)} stored traces and runs wait to be read: what is shown is behind.`]
      : []),
    ...(broken > 0 ? [`${formatCount(broken)} traces or runs cannot be read: see Health.`] : []),
  ];
  const sampled = refusal === null ? [] : [`Nothing can be learned. ${refusal}`];
  return [...stored, ...sampled, ...withoutReward(stats.agents), ...failing];
}

const unrewarded = (row: AgentRow): number => row.executions - row.rewarded;
const nameOf = (row: AgentRow): string => row.agent_id ?? 'an unnamed agent';

/** Agents with runs that nobody judged: those without any, and those of whose runs many, or the latest, lack a reward. */
function withoutReward(agents: readonly AgentRow[]): readonly string[] {
  const ran = agents.filter(({ executions }) => executions > 0);
  const never = ran.filter(({ rewarded }) => rewarded === 0);
  const lacking = ran
    .filter((row) => row.rewarded > 0 && (isMuch(row) || hasStopped(row)))
    .toSorted((a, b) => unrewarded(b) - unrewarded(a));
  return [
    ...lacking.map((row) => {
      const latest = hasStopped(row) ? `, among them the latest ${row.latest_unrewarded}` : '';
      return `${formatCount(unrewarded(row))} of ${plural(row.executions, 'run')} of ${nameOf(row)} ${unrewarded(row) === 1 ? 'has' : 'have'} no reward${latest}.`;
    }),
    ...(never.length > mostNamed
      ? [
          `No run of ${plural(never.length, 'agent')} has a reward, ${never.slice(0, mostNamed).map(nameOf).join(', ')} and others: nothing can be learned from them.`,
        ]
      : never.map(
          (row) =>
            `No run of ${nameOf(row)} has a reward: nothing can be learned from ${plural(row.executions, 'run')}.`,
        )),
  ];
}

const mostNamed = 3;

/** What is still being judged is always a little. */
function isMuch(row: AgentRow): boolean {
  return unrewarded(row) >= 5 && unrewarded(row) / row.executions >= 0.05;
}

/** So many on end without a reward, where of as many of the earlier ones more than five had one: chance does it once in 150 times. */
function hasStopped(row: AgentRow): boolean {
  const { latest_unrewarded: latest, rewarded, executions } = row;
  return latest >= 10 && (latest * rewarded) / (executions - latest) > 5;
}
