/**
 * Replay arena: `EVOLUTION_DATA_DIR=… experiments/arena [replays] [B]`. Outcome tables (task × arm) as full information: a rule gets B
 * pulls on half of the tasks, deploys one arm, and is scored on the other half. The baseline is a random arm.
 * Competitors by their published rules. `ours` deploys what is proven; `ours, likely` what `decide` calls likely where nothing is.
 */
import { decide } from '../../src/experiments';
import type { Decision } from '../../src/model/experiment';
import type { ClosedExecution } from '../../src/model/learning';
import {
  asymptoticConfidenceSequence,
  momentsOf,
  sampleVariance,
  seededRandom,
  welchTest,
  type Moments,
} from '../../src/stats';
import {
  readTau2AbRuns,
  readTau2AirlineRuns,
  readTauBenchRuns,
} from '../../test/support/bench-runs';
import { rounded, shareOf } from '../measure/share';

const replays = Number(process.argv[2] ?? 200);
const budgets = process.argv[3] === undefined ? [50, 100, 300, 1_000] : [Number(process.argv[3])];

/** Success probability by task and arm. */
type World = readonly (readonly number[])[];

interface Pull {
  readonly arm: number;
  readonly value: number;
  readonly task: number;
}

/** Arm 0 is the baseline; gives the arm to deploy. */
type Rule = (pulls: readonly Pull[], arms: number) => number;

function armMoments(pulls: readonly Pull[], arms: number): Moments[] {
  return Array.from({ length: arms }, (_, arm) =>
    momentsOf(pulls.filter((pull) => pull.arm === arm).map(({ value }) => value)),
  );
}

function bestBy(
  arms: readonly Moments[],
  admits: (arm: Moments, base: Moments) => boolean,
): number {
  const base = arms[0]!;
  let best = 0;
  arms.forEach((arm, i) => {
    if (i > 0 && arm.n > 0 && admits(arm, base) && arm.mean > arms[best]!.mean) best = i;
  });
  return best;
}

function decideOn(pulls: readonly Pull[], arms: number): Decision {
  const names = Array.from({ length: arms }, (_, arm) => ({ name: String(arm), share: 1 / arms }));
  return decide(
    pulls.map(({ arm, value, task }, i) => ({
      unit: String(i),
      arm: String(arm),
      value,
      context: String(task),
    })),
    { arms: names, minimumUnitsPerArm: 20, minimumEffect: 1e-9, cap: 1e6 },
  );
}

const rules: Readonly<Record<string, Rule>> = {
  ours: (pulls, arms) => Number(decideOn(pulls, arms).winner ?? 0),
  'ours, likely': (pulls, arms) => {
    const { winner, likely } = decideOn(pulls, arms);
    return Number(winner ?? likely?.name ?? 0);
  },
  'largest difference': (pulls, arms) => bestBy(armMoments(pulls, arms), () => true),
  // GEPA: a candidate replaces the incumbent where it has the larger sum on one minibatch.
  'sum(new) > sum(old)': (pulls, arms) => {
    let incumbent = 0;
    for (let arm = 1; arm < arms; arm += 1) {
      const last = (of: number): number =>
        pulls
          .filter((pull) => pull.arm === of)
          .slice(-10)
          .reduce((sum, { value }) => sum + value, 0);
      if (last(arm) > last(incumbent)) incumbent = arm;
    }
    return incumbent;
  },
  // ACE: a strategy counts how often it was helpful and how often harmful; the best balance is used.
  "ACE's counters": (pulls, arms) => {
    const balance = armMoments(pulls, arms).map(({ n, mean }) => (2 * mean - 1) * n);
    const best = balance.indexOf(Math.max(...balance));
    return balance[best]! > balance[0]! ? best : 0;
  },
  // Garivier and Kaufmann (2016): its stopping rule, on the uniform pulls that all rules get; before it stops the baseline stays.
  'track-and-stop': (pulls, arms) => {
    const moments = armMoments(pulls, arms);
    const best = moments.reduce(
      (top, { mean, n }, i) => (n > 0 && mean > moments[top]!.mean ? i : top),
      0,
    );
    const threshold = Math.log((1 + Math.log(Math.max(1, pulls.length))) / 0.05);
    const isApart = moments.every(
      (other, i) => i === best || glr(moments[best]!, other) > threshold,
    );
    return isApart ? best : 0;
  },
  // "n >= 30, p < .05, +10 %", looked at after every run.
  refreshed: (pulls, arms) => {
    for (let n = 60; n <= pulls.length; n += 5) {
      const best = bestBy(
        armMoments(pulls.slice(0, n), arms),
        (arm, base) =>
          arm.n >= 30 &&
          base.n >= 30 &&
          arm.mean >= 1.1 * base.mean &&
          welchTest(arm, base, 0.95).pValue < 0.05,
      );
      if (best > 0) return best;
    }
    return 0;
  },
  'sequential interval': (pulls, arms) =>
    bestBy(armMoments(pulls, arms), (arm, base) => {
      if (arm.n < 2 || base.n < 2) return false;
      const standardError = Math.sqrt(sampleVariance(arm) / arm.n + sampleVariance(base) / base.n);
      const estimate = arm.mean - base.mean;
      const options = { alpha: 0.05 / Math.max(1, arms - 1), plannedN: 5_000 };
      return (
        asymptoticConfidenceSequence({ estimate, standardError, n: arm.n + base.n }, options)
          .lower > 0
      );
    }),
};

/** Generalised likelihood ratio of "this arm is better than that one", binary outcomes. */
function glr(a: Moments, b: Moments): number {
  if (a.n === 0 || b.n === 0) return 0;
  const pooled = (a.n * a.mean + b.n * b.mean) / (a.n + b.n);
  return a.n * divergence(a.mean, pooled) + b.n * divergence(b.mean, pooled);
}

function divergence(p: number, q: number): number {
  const part = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(x / y));
  return part(p, q) + part(1 - p, 1 - q);
}

function tableOf(runs: readonly ClosedExecution[], armOf: (run: ClosedExecution) => string): World {
  const arms = [...new Set(runs.map(armOf))];
  const tasks = new Map<string, number[][]>();
  for (const run of runs) {
    const row = tasks.get(run.taskId) ?? arms.map(() => []);
    row[arms.indexOf(armOf(run))]!.push(run.outcome.reward ?? 0);
    tasks.set(run.taskId, row);
  }
  return [...tasks.values()]
    .filter((row) => row.every((values) => values.length > 0))
    .map((row) =>
      row.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    );
}

function generated(seed: string, effects: readonly number[]): World {
  const random = seededRandom(seed);
  return Array.from({ length: 100 }, () => {
    const base = 0.15 + 0.6 * random();
    return effects.map((effect) => Math.min(1, Math.max(0, base + effect)));
  });
}

const worlds: Readonly<Record<string, World>> = {
  'tau2 airline, 7 agents': tableOf(readTau2AirlineRuns(), ({ agent }) => agent.id ?? ''),
  'tau2 telecom': tableOf(
    (['gpt-4.1', 'gpt-4.1-sft'] as const).flatMap((model) =>
      readTau2AbRuns('telecom', model).map((run) => ({
        ...run,
        agent: { ...run.agent, id: model },
      })),
    ),
    ({ agent }) => agent.id ?? '',
  ),
  'tau2 airline, 2 models': tableOf(
    (['gpt-4.1', 'gpt-4.1-sft'] as const).flatMap((model) =>
      readTau2AbRuns('airline', model).map((run) => ({
        ...run,
        agent: { ...run.agent, id: model },
      })),
    ),
    ({ agent }) => agent.id ?? '',
  ),
  // Four trials of one agent: nothing to be found, and half of what is deployed is worse on the other tasks.
  'tau-bench airline, 4 trials': tableOf(readTauBenchRuns(), ({ replication }) =>
    String(replication),
  ),
  'nothing matters': generated('null', [0, 0, 0, 0]),
  'one is better by .1': generated('one', [0, 0, 0.1, 0]),
  'some better, some worse': generated('mixed', [0, -0.15, 0.15, -0.05]),
};

function replay(world: World, budget: number, seed: string): Record<string, { gain: number }> {
  const random = seededRandom(seed);
  const arms = world[0]!.length;
  const order = [...world.keys()]
    .map((task) => [random(), task] as const)
    .sort(([a], [b]) => a - b)
    .map(([, task]) => task);
  const half = Math.floor(order.length / 2);
  const [train, test] = [order.slice(0, half), order.slice(half)];
  const baseline = Math.floor(random() * arms);
  const place = (arm: number): number => (arm === 0 ? baseline : arm === baseline ? 0 : arm);
  const pulls = Array.from({ length: budget }, (): Pull => {
    const task = train[Math.floor(random() * train.length)]!;
    const arm = Math.floor(random() * arms);
    return { arm, task, value: random() < world[task]![place(arm)]! ? 1 : 0 };
  });
  const score = (arm: number): number =>
    test.reduce((sum, task) => sum + world[task]![place(arm)]!, 0) / test.length;
  const base = score(0);
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [name, { gain: score(rule(pulls, arms)) - base }]),
  );
}

const table = Object.entries(worlds).flatMap(([world, outcomes]) =>
  budgets.map((budget) => {
    const results = Array.from({ length: replays }, (_, i) =>
      replay(outcomes, budget, `${world} ${budget} ${i}`),
    );
    const byRule = Object.keys(rules).map((name) => {
      const gains = results.map((result) => result[name]!.gain);
      const { share, interval } = shareOf(gains.filter((gain) => gain < -1e-9).length, replays);
      return [
        name,
        { gain: rounded(momentsOf(gains).mean), worse: rounded(share), interval },
      ] as const;
    });
    return { world, budget, rules: Object.fromEntries(byRule) };
  }),
);
console.log(JSON.stringify({ bench: 'experiments/arena', replays, table }));
