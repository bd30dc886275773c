/**
 * The closed loop on the demo's agent, a seed after the other, each into a database of its own: what was proposed, what
 * the experiment decided, when the regression was rolled back.
 * `experiments/closed-loop [first seed] [seeds] [regression|still] [root] [executions]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  demoLevers,
  isForLearning,
  learnedDimensions,
  runClosedLoop,
  runDemo,
  startTelemetry,
  type Stage,
} from '../../src/demo';
import { createEvolution } from '../../src/index';

const [first = '1', count = '10', world = 'regression', root, executions = '2000'] =
  process.argv.slice(2);

interface SeedResult {
  readonly seed: number;
  readonly seconds: number;
  readonly learnedFrom: number;
  readonly change: string | null;
  readonly decision: string;
  readonly experimentExecutions: number;
  /** Gain in accuracy on packages that learning has not seen. */
  readonly gain: number | null;
  readonly interval: readonly [number, number] | null;
  readonly changedAt: number | null;
  readonly alertAt: number | null;
  readonly rolledBackAt: number | null;
  readonly watched: number;
  readonly stages: readonly Stage[];
}

async function runSeed(seed: number): Promise<SeedResult> {
  const folder = mkdtempSync(join(tmpdir(), 'closed-loop-'));
  const startedAt = performance.now();
  const evolution = await createEvolution({
    databaseUrl: `sqlite:${join(folder, 'demo.db')}`,
    dimensions: learnedDimensions,
    levers: demoLevers,
  });
  const telemetry = await startTelemetry(evolution);
  try {
    const ask = (name: string): boolean => isForLearning(seed, name);
    const demo = await runDemo({
      evolution,
      telemetry,
      root,
      seed,
      executions: Number(executions),
      ask,
    });
    await evolution.learner.learn();
    const loop = await runClosedLoop({
      ...{ evolution, telemetry, root, seed },
      regression: world !== 'still',
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const base = { seed, seconds, learnedFrom: demo.executions };
    if ('reason' in loop) return { ...base, ...nothing, decision: loop.reason };
    const lift = loop.experiment.variants[1]?.lift ?? null;
    return {
      ...base,
      change: `${loop.proposed.knob}: ${JSON.stringify(loop.proposed.from)} → ${JSON.stringify(loop.proposed.to)}`,
      decision: `${loop.experiment.decision}: ${loop.experiment.reason}`,
      experimentExecutions: loop.experimentExecutions,
      gain: lift?.estimate ?? null,
      interval: lift === null ? null : [lift.interval.lower, lift.interval.upper],
      changedAt: loop.rollOut?.changedAt ?? null,
      alertAt: loop.rollOut?.alertAt ?? null,
      rolledBackAt: loop.rollOut?.rolledBackAt ?? null,
      watched: loop.rollOut?.executions ?? 0,
      stages: loop.stages,
    };
  } finally {
    await telemetry.stop();
    await evolution.close();
    rmSync(folder, { recursive: true });
  }
}

const nothing = {
  change: null,
  experimentExecutions: 0,
  gain: null,
  interval: null,
  changedAt: null,
  alertAt: null,
  rolledBackAt: null,
  watched: 0,
  stages: [],
};

const results: SeedResult[] = [];
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
  const result = await runSeed(seed);
  console.error(JSON.stringify(result));
  results.push(result);
}
console.log(
  JSON.stringify(
    {
      bench: 'experiments/closed-loop',
      world,
      seeds: results.length,
      gainAboveZero: results.filter(({ interval }) => (interval?.[0] ?? -1) > 0).length,
      shipped: results.filter(({ decision }) => decision.startsWith('ship')).length,
      rolledBack: results.filter(({ rolledBackAt }) => rolledBackAt !== null).length,
      longestSeconds: Math.max(...results.map(({ seconds }) => seconds)),
      results,
    },
    null,
    2,
  ),
);
