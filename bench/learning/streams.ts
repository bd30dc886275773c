import type { ClosedExecution } from '../../src/model/learning';
import { assumedUnsampled } from '../../src/model/sampling';
import { seededRandom } from '../../src/stats';

/** A stream of runs whose truth is known. */
export interface Stream {
  readonly executions: ClosedExecution[];
  /** Predicates that really move the outcome. */
  readonly facts: readonly string[];
  /** What each run's outcome was drawn with, for outcomes that are 0 or 1; their mean. */
  readonly chances: readonly number[];
  readonly rate: number;
}

export interface StreamOptions {
  readonly seed: string;
  readonly units: number;
  /** Candidate behaviours, half of them confounded. */
  readonly features: number;
  readonly agents: number;
  /** Runs a task. */
  readonly repeats: number;
  /** Effect of each of three planted facts; 0 for a null stream. */
  readonly effect: number;
  /**
   * Share of the runs that have each planted fact, which then follows nothing else.
   * @defaultValue drawn from .12 to .5, and the first and the last follow what makes success likely
   */
  readonly factSupports?: readonly number[] | null;
}

/** What a kind of null stream does to tasks, time, agents, outcomes and features. */
export interface StreamKind {
  /** Task of each unit. */
  readonly tasks?: 'shuffled' | 'trial by trial' | 'clustered' | 'unequal' | 'pairs' | 'unique';
  /** Logit of success and of confounded features over the stream's share 0..1. */
  readonly time?: (share: number) => number;
  readonly versionAt?: number;
  readonly agents?: number;
  /** Spread of skill per agent x task, which features share. */
  readonly skill?: number;
  /** Confounded features are settled by the task, or by task and agent. */
  readonly settled?: 'task' | 'task x agent';
  readonly outcome?: 'binary' | 'continuous' | 'spread';
  /** Base rate of success and support of features. */
  readonly rare?: boolean;
}

export const nullKinds: Readonly<Record<string, StreamKind>> = {
  plain: {},
  drift: { time: (share) => 3 * (share - 0.5) },
  'release-inside-epoch': { time: (share) => (share < 0.437 ? -0.8 : 0.8) },
  'release-with-version': { time: (share) => (share < 0.437 ? -0.8 : 0.8), versionAt: 0.437 },
  'two-agents': { agents: 2 },
  'two-agents-drift': { agents: 2, time: (share) => 3 * (share - 0.5) },
  skill: { agents: 2, skill: 1.2 },
  'settled-by-task': { settled: 'task' },
  'settled-by-task-agent': { agents: 2, skill: 1.2, settled: 'task x agent' },
  'trial-by-trial': { tasks: 'trial by trial' },
  unequal: { tasks: 'unequal' },
  pairs: { tasks: 'pairs' },
  clustered: { tasks: 'clustered', time: (share) => 3 * (share - 0.5) },
  continuous: { outcome: 'continuous', time: (share) => 2 * (share - 0.5) },
  spread: { outcome: 'spread' },
  'rare-repeated': { rare: true },
  'rare-unrepeated': { rare: true, tasks: 'unique' },
};

interface Draw {
  readonly uniform: () => number;
  readonly normal: () => number;
}

export function draws(seed: string): Draw {
  const uniform = seededRandom(seed);
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

interface Feature {
  readonly base: number;
  /** How strongly it follows what makes success likely; 0 for a clean one. */
  readonly follows: number;
  /** Share of the runs that have a clean one. */
  readonly rate: number;
}

/**
 * Tasks with difficulties, agents with skills, time; features that follow them (those of even number), and an
 * outcome that depends on a feature only where a fact is planted (features 0, 1, 2: success, success, failure).
 * Features are tags `f0`, `f1`, ….
 */
export function makeStream(kind: StreamKind, options: StreamOptions): Stream {
  const { seed, units, features: count, effect } = options;
  const agents = kind.agents ?? options.agents;
  const draw = draws(seed);
  const taskOf = tasksOf(kind.tasks ?? 'shuffled', options, draw);
  const hardness = Array.from(
    { length: units },
    () => (kind.rare === true ? 0.5 : 1.2) * draw.normal(),
  );
  const skills = Array.from({ length: units * agents }, () => (kind.skill ?? 0) * draw.normal());
  const features = Array.from({ length: count }, (_, f): Feature => {
    const base = kind.rare === true ? -2.8 + 0.4 * draw.uniform() : -2 + 2 * draw.uniform();
    const follows =
      f % 2 === 0 ? (draw.uniform() < 0.5 ? -1 : 1) * (0.6 + 0.6 * draw.uniform()) : 0;
    // Drawn and not used: a seed means the stream that it meant before.
    draw.uniform();
    const support = effect === 0 ? undefined : options.factSupports?.[f];
    if (support !== undefined) return { base, follows: 0, rate: support };
    return { base, follows, rate: logistic(base) };
  });
  const settled = new Map<string, boolean>();
  const base = kind.rare === true ? -2.9 : 0;
  const chances: number[] = [];
  const executions = Array.from({ length: units }, (_, i) => {
    const task = taskOf[i] ?? 0;
    const agent = Math.floor(agents * draw.uniform());
    const common =
      (hardness[task] ?? 0) +
      (skills[task * agents + agent] ?? 0) +
      1.2 * (agent - (agents - 1) / 2) +
      (kind.time?.(i / units) ?? 0);
    const has = features.map((feature, f) => {
      if (feature.follows === 0) return draw.uniform() < feature.rate;
      if (kind.settled === undefined || f % 2 === 1) {
        return draw.uniform() < logistic(feature.base + feature.follows * common);
      }
      const place = kind.settled === 'task' ? `${f} ${task}` : `${f} ${task} ${agent}`;
      const known =
        settled.get(place) ??
        draw.uniform() < logistic(feature.base + 2 * feature.follows * common);
      settled.set(place, known);
      return known;
    });
    const moved = effect * (Number(has[0]) + Number(has[1]) - Number(has[2]));
    const chance = logistic(base + common) * (1 - 3 * effect) + effect + moved;
    chances.push(chance);
    return makeRun(i, {
      taskId: `task-${task}`,
      agent: agentOf(agent, i / units, kind),
      tags: has.flatMap((present, f) => (present ? [`f${f}`] : [])),
      outcome: { reward: outcomeOf(kind, chance, has[1] === true, draw) },
    });
  });
  numberReplications(executions);
  const rate = chances.reduce((sum, chance) => sum + chance / units, 0);
  return { executions, chances, rate, facts: effect === 0 ? [] : ['tag:f0', 'tag:f1', 'tag:f2'] };
}

function outcomeOf(kind: StreamKind, chance: number, spread: boolean, draw: Draw): number {
  if (kind.outcome === 'spread') return clamp(0.5 + (spread ? 0.22 : 0.05) * draw.normal());
  if (kind.outcome === 'continuous') return clamp(chance + 0.2 * draw.normal());
  return draw.uniform() < chance ? 1 : 0;
}

export function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function tasksOf(
  order: NonNullable<StreamKind['tasks']>,
  { units, repeats }: StreamOptions,
  draw: Draw,
): number[] {
  const each = order === 'pairs' ? 2 : repeats;
  const tasks = Math.ceil(units / each);
  const index = Array.from({ length: units }, (_, i) => i);
  switch (order) {
    case 'unique':
      return index;
    case 'clustered':
      return index.map((i) => Math.floor(i / each));
    case 'trial by trial':
      return index.map((i) => i % tasks);
    case 'unequal':
      return index.map(() => Math.floor(tasks * draw.uniform() ** 3));
    case 'pairs':
    case 'shuffled':
      return shuffled(index, draw).map((i) => i % tasks);
  }
}

export function shuffled<T>(values: readonly T[], { uniform }: Pick<Draw, 'uniform'>): T[] {
  return values
    .map((value) => ({ value, key: uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

function agentOf(
  agent: number,
  share: number,
  { versionAt }: StreamKind,
): ClosedExecution['agent'] {
  const version = versionAt === undefined ? null : share < versionAt ? '1' : '2';
  return { id: `agent-${agent}`, name: null, version, type: null };
}

/** Runs of one task are numbered in the order of the stream. */
export function numberReplications(executions: ClosedExecution[]): void {
  const counts = new Map<string, number>();
  executions.forEach((execution, i) => {
    const replication = counts.get(execution.taskId) ?? 0;
    counts.set(execution.taskId, replication + 1);
    executions[i] = { ...execution, replication };
  });
}

const startUnixNano = 1_700_000_000_000_000_000n;

/** One closed run; `n` makes its id and its place in time. */
export function makeRun(n: number, change: Partial<ClosedExecution>): ClosedExecution {
  const traceId = n.toString(16).padStart(32, '0');
  return {
    id: `run-${String(n).padStart(7, '0')}`,
    taskId: `task-${n}`,
    taskType: 'question',
    taskGroup: null,
    attempt: 1,
    replication: 0,
    attemptsUnknown: false,
    attemptMarked: true,
    agent: { id: 'agent-0', name: null, version: null, type: null },
    sessionId: null,
    status: 'completed',
    config: null,
    propensities: null,
    exposures: [],
    sampling: assumedUnsampled,
    meaningVersion: 1,
    tags: [],
    rootAttributes: {},
    rootSpan: { traceId, spanId: '00000000000000aa' },
    rootStartTimeUnixNano: startUnixNano + BigInt(n) * 1_000_000_000n,
    durationNano: null,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    outcome: {},
    steps: [],
    ...change,
  };
}
