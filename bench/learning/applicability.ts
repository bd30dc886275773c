/**
 * Whether applicability means what it says: contexts of planted patterns, some of which hold in a part of the
 * contexts only, estimated from a few runs each; then contexts that were held out, and the ones that were seen; beside
 * them the held-out ones by Bayes' rule of who knows how the patterns are drawn: what can be reached at all.
 *
 *   --cells N   held-out contexts (1000)
 *   --seed S    (1)
 */
import { parseArgs } from 'node:util';
import { judgeApplicability } from '../../src/learning/questions/applicability';
import type { ContextCell } from '../../src/model/applicability';
import { normalQuantile, seededRandom } from '../../src/stats';
import { bestProbability } from './applicability-ceiling';
import { print, share } from './harness';

const { values } = parseArgs({
  options: { cells: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const wanted = Number(values.cells);
const random = seededRandom(values.seed);
const leastEffect = 0.02;

const lackings = ['nobody', 'nobody', 'agent', 'type', 'cell'] as const;
type Lacking = (typeof lackings)[number];

interface Judged {
  readonly lacking: Lacking;
  readonly probability: number;
  readonly holds: boolean;
  readonly abstained: boolean;
}

interface Planted {
  readonly lacking: Lacking;
  readonly agentId: string;
  readonly taskType: string;
  readonly effect: number;
}

/** A pattern among agents × types of task: a main effect and a spread; an interaction lacks it for some of them. */
function makePattern(): Planted[] {
  const main = 0.05 + 0.2 * random();
  const spread = pick([0, 0.03, 0.08]);
  const lacking = pick(lackings);
  const agents = Array.from({ length: pick([2, 3, 4]) }, () => random() < 0.4);
  const types = Array.from({ length: pick([3, 4, 5]) }, () => random() < 0.4);
  return agents.flatMap((agentLacks, a) =>
    types.map((typeLacks, t) => {
      const lacks =
        (lacking === 'agent' && agentLacks) ||
        (lacking === 'type' && typeLacks) ||
        (lacking === 'cell' && random() < 0.4);
      const effect = (lacks ? 0 : main) + spread * normal();
      return { lacking, agentId: `agent-${a}`, taskType: `type-${t}`, effect };
    }),
  );
}

/** Difference of shares from `runs` runs a side, with Agresti and Caffo's added counts in its variance. */
function observe({ agentId, taskType, effect }: Planted, runs: number): ContextCell {
  const base = 0.25 + 0.3 * random();
  const withFeature = successes(base + effect, runs);
  const without = successes(base, runs);
  const smooth = (count: number): number => (count + 1) / (runs + 2);
  const variance = [withFeature, without].reduce(
    (sum, count) => sum + (smooth(count) * (1 - smooth(count))) / (runs + 2),
    0,
  );
  return {
    agentId,
    taskType,
    effect: (withFeature - without) / runs,
    standardError: Math.sqrt(variance),
    runs: 2 * runs,
  };
}

function successes(rate: number, runs: number): number {
  let count = 0;
  for (let i = 0; i < runs; i += 1) if (random() < Math.min(1, Math.max(0, rate))) count += 1;
  return count;
}

const normal = (): number => normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, random())));
function pick<T>(items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

const unseen: Judged[] = [];
/** The same contexts, by who knows how patterns are drawn. */
const best: Judged[] = [];
const seen: Judged[] = [];
while (unseen.length < wanted) {
  const planted = makePattern();
  const cells = planted.map((cell) => observe(cell, pick([15, 40, 100])));
  const heldOut = Math.floor(random() * planted.length);
  const evidence = {
    cells: cells.filter((_, i) => i !== heldOut),
    settings: [],
    tags: [],
    latestUnixNano: 0n,
  };
  const judge = (i: number): Judged => {
    const { lacking, agentId, taskType, effect } = planted[i]!;
    const { probability, applicable } = judgeApplicability(
      evidence,
      1,
      { agentId, taskType },
      { leastEffect },
    );
    return { lacking, probability, holds: effect > leastEffect, abstained: applicable === null };
  };
  const hidden = judge(heldOut);
  unseen.push(hidden);
  const probability = bestProbability(evidence.cells, planted[heldOut]!, leastEffect);
  best.push({ ...hidden, probability, abstained: false });
  seen.push(judge((heldOut + 1) % planted.length));
}

/** Area under the ROC curve: how often a context that holds is ranked above one that does not. */
function auc(judged: readonly Judged[]): number {
  const ranked = [...judged].sort((a, b) => a.probability - b.probability);
  let ranks = 0;
  ranked.forEach(({ holds }, i) => (ranks += holds ? i + 1 : 0));
  const positives = judged.filter(({ holds }) => holds).length;
  const negatives = judged.length - positives;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

function calibration(judged: readonly Judged[]) {
  const deciles = Array.from({ length: 10 }, (_, d) =>
    judged.filter(({ probability }) => Math.min(9, Math.floor(10 * probability)) === d),
  );
  return deciles.flatMap((bin, decile) => {
    if (bin.length === 0) return [];
    const holds = bin.filter((one) => one.holds).length;
    const predicted = bin.reduce((sum, { probability }) => sum + probability, 0) / bin.length;
    return [
      {
        decile,
        of: bin.length,
        predicted,
        observed: holds / bin.length,
        ...share(holds, bin.length),
      },
    ];
  });
}

const report = (judged: readonly Judged[]) => ({
  of: judged.length,
  auc: auc(judged),
  /** By who lacks the effect: where each context draws that alone, no other tells of it. */
  aucBy: Object.fromEntries(
    lackings.map((each) => [each, auc(judged.filter(({ lacking }) => lacking === each))]),
  ),
  abstained: judged.filter(({ abstained }) => abstained).length,
  calibration: calibration(judged),
  meanError:
    calibration(judged).reduce(
      (sum, bin) => sum + bin.of * Math.abs(bin.predicted - bin.observed),
      0,
    ) / judged.length,
});
print({
  gate: { calibration: 0.05, auc: 0.8 },
  cells: wanted,
  seed: values.seed,
  seen: report(seen),
  unseen: report(unseen),
  ceiling: report(best),
});
