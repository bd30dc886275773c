import { InputError } from '../../errors';
import type { ClosedExecution } from '../../model/learning';
import type { TradeoffArm, Tradeoffs, TradeoffsQuery } from '../../model/tradeoffs';
import { type ArmMeans, simultaneousDifferences } from '../../stats';
import { attributeText } from '../../model/attributes';
import { readRuns, type RunSource, selectRuns } from '../units/select-runs';

/** An arm needs this many runs with every dimension. */
const minArmRuns = 30;
/** The largest arms: the intervals are simulated over all pairs. */
const maxArms = 24;
const level = 0.95;
const lowerIsBetter: ReadonlySet<string> = new Set(['cost_usd', 'duration_ms']);

/**
 * Several rewards at once: what each variant and configuration gained in every dimension, and which of them no
 * other beats. One dominates another only if the simultaneous 95 % bounds of all differences agree
 * (max-t over all pairs and dimensions). Runs are compared as they came: not freed of task difficulty.
 *
 * @throws InputError for weights that are no positive numbers
 */
export async function findTradeoffs(
  source: RunSource,
  { where = {}, weights }: TradeoffsQuery,
): Promise<Tradeoffs> {
  checkWeights(weights);
  const { ids } = await selectRuns(source, where);
  const runs: ArmRun[] = [];
  for await (const run of readRuns(source, ids)) runs.push(toArmRun(run));
  const dimensions = chooseDimensions(runs, weights);
  const { arms, leftOut } = gatherArms(runs, dimensions);
  const described = arms.map((arm) => describeArm(arm, dimensions));
  const scores = weights === undefined ? null : scoreArms(described, dimensions, weights);
  const better = comparator(arms, dimensions);
  const dominators = findDominators(arms, dimensions, better);
  const shown = described.map((arm, i): TradeoffArm => ({
    ...arm,
    score: scores?.[i] ?? null,
    dominatedBy: dominators[i]!.map((other) => described[other]!.label),
  }));
  const pareto = shown.filter(({ dominatedBy }) => dominatedBy.length === 0);
  return {
    dimensions: dimensions.map((name) => ({
      name,
      better: lowerIsBetter.has(name) ? 'lower' : 'higher',
    })),
    arms: [...pareto, ...shown.filter(({ dominatedBy }) => dominatedBy.length > 0)],
    pareto: pareto.map(({ label }) => label),
    leftOut,
    conflicts: findConflicts(shown, dimensions, better),
    sentence: summarise(shown, pareto, dimensions),
  };
}

function checkWeights(weights: TradeoffsQuery['weights']): void {
  for (const [name, weight] of Object.entries(weights ?? {})) {
    if (weight > 0 && weight < Infinity) continue;
    throw new InputError(`The weight of ${name} must be a positive number, got ${weight}.`);
  }
}

interface ArmRun {
  readonly label: string;
  readonly config: ClosedExecution['config'];
  readonly variant: string | null;
  readonly values: Readonly<Record<string, number>>;
}

function toArmRun(run: ClosedExecution): ArmRun {
  const variant = run.exposures.find((exposure) => exposure.variant !== null) ?? null;
  const settings = Object.entries(run.config ?? {})
    .map(([key, value]) => `${key}=${attributeText(value)}`)
    .sort();
  const label =
    variant === null
      ? settings.join(', ') || '(no settings)'
      : `${variant.experimentId ?? 'experiment'}: ${variant.variant ?? ''}`;
  const values: Record<string, number> = { ...run.outcome };
  if (run.costUsd !== null) values.cost_usd = run.costUsd;
  if (run.durationNano !== null) values.duration_ms = Number(run.durationNano) / 1e6;
  return { label, config: run.config, variant: variant?.variant ?? null, values };
}

/** As weighted; else those that at least half of the runs have. */
function chooseDimensions(
  runs: readonly ArmRun[],
  weights: TradeoffsQuery['weights'],
): readonly string[] {
  if (weights !== undefined) return Object.keys(weights);
  const counts = new Map<string, number>();
  for (const { values } of runs) {
    for (const name of Object.keys(values)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .filter(([name, count]) => name !== 'status' && count >= runs.length / 2)
    .map(([name]) => name)
    .sort();
}

interface Arm extends Pick<ArmRun, 'label' | 'config' | 'variant'> {
  /** A row a run, in the order of the dimensions. */
  readonly rows: number[][];
}

function gatherArms(
  runs: readonly ArmRun[],
  dimensions: readonly string[],
): { readonly arms: readonly Arm[]; readonly leftOut: Tradeoffs['leftOut'] } {
  const byLabel = new Map<string, Arm>();
  let incomplete = 0;
  const missing = new Set<string>();
  for (const { label, config, variant, values } of runs) {
    const row = dimensions.map((name) => values[name] ?? NaN);
    if (row.some(Number.isNaN)) {
      incomplete += 1;
      dimensions.forEach((name, d) => {
        if (Number.isNaN(row[d])) missing.add(name);
      });
      continue;
    }
    const arm = byLabel.get(label) ?? { label, config, variant, rows: [] };
    byLabel.set(label, arm);
    arm.rows.push(row);
  }
  const all = [...byLabel.values()].sort((a, b) => b.rows.length - a.rows.length);
  const arms = all.filter(({ rows }) => rows.length >= minArmRuns).slice(0, maxArms);
  const kept = new Set(arms);
  const thin = all.reduce((sum, arm) => sum + (kept.has(arm) ? 0 : arm.rows.length), 0);
  const leftOut = [
    { reason: `without a value of ${[...missing].sort().join(' or ')}`, runs: incomplete },
    {
      reason: `of arms with fewer than ${minArmRuns} runs, or beyond the ${maxArms} with most`,
      runs: thin,
    },
  ].filter(({ runs: count }) => count > 0);
  return { arms, leftOut };
}

function describeArm(
  { label, config, variant, rows }: Arm,
  dimensions: readonly string[],
): Omit<TradeoffArm, 'score' | 'dominatedBy'> {
  const means = Object.fromEntries(
    dimensions.map((name, d) => [name, meanOf(rows.map((row) => row[d]!))]),
  );
  return { label, config, variant, runs: rows.length, means };
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Each dimension from 0, the worst arm's mean, to 1, the best one's. */
function scoreArms(
  arms: readonly Pick<TradeoffArm, 'means'>[],
  dimensions: readonly string[],
  weights: Readonly<Record<string, number>>,
): readonly number[] {
  const total = dimensions.reduce((sum, name) => sum + weights[name]!, 0);
  return arms.map(({ means }) =>
    dimensions.reduce((score, name) => {
      const all = arms.map((arm) => arm.means[name]!);
      const [least, most] = [Math.min(...all), Math.max(...all)];
      const share = most === least ? 0.5 : (means[name]! - least) / (most - least);
      return score + (weights[name]! / total) * (lowerIsBetter.has(name) ? 1 - share : share);
    }, 0),
  );
}

/** By arm: the arms that are better in all dimensions, with all simultaneous bounds. */
function findDominators(
  arms: readonly Arm[],
  dimensions: readonly string[],
  better: Comparator,
): number[][] {
  return arms.map((_, i) =>
    arms.flatMap((_other, j) =>
      i !== j && dimensions.length > 0 && dimensions.every((_name, d) => better(j, i, d))
        ? [j]
        : [],
    ),
  );
}

/** Whether an arm is better than another in a dimension beyond the simultaneous bound. */
type Comparator = (arm: number, other: number, dimension: number) => boolean;

function comparator(arms: readonly Arm[], dimensions: readonly string[]): Comparator {
  const intervals = simultaneousDifferences(arms.map(toMeans), level, 'tradeoffs');
  return (arm, other, d) => {
    const { lower, upper } = intervals.difference(arm, other, d);
    return lowerIsBetter.has(dimensions[d]!) ? upper < 0 : lower > 0;
  };
}

function toMeans({ rows }: Arm): ArmMeans {
  const measures = rows[0]?.length ?? 0;
  const means = Array.from({ length: measures }, (_, d) => meanOf(rows.map((row) => row[d]!)));
  const covariance = means.map((mean, d) =>
    means.map(
      (other, e) =>
        rows.reduce((sum, row) => sum + (row[d]! - mean) * (row[e]! - other), 0) /
        (rows.length - 1),
    ),
  );
  return { n: rows.length, means, covariance };
}

/** Two dimensions want different arms, each beyond its bound. */
function findConflicts(
  shown: readonly TradeoffArm[],
  dimensions: readonly string[],
  better: Comparator,
): string[] {
  if (shown.length < 2) return [];
  const best = dimensions.map((name) => {
    const means = shown.map((arm) => arm.means[name]!);
    return means.indexOf(lowerIsBetter.has(name) ? Math.min(...means) : Math.max(...means));
  });
  return dimensions.flatMap((name, d) =>
    dimensions.slice(d + 1).flatMap((other, offset) => {
      const e = d + 1 + offset;
      const [one, two] = [best[d]!, best[e]!];
      if (one === two || !better(one, two, d) || !better(two, one, e)) return [];
      return [
        `${name} is best with "${shown[one]!.label}", ${other} with "${shown[two]!.label}": ` +
          `each is worse than the other in the other's dimension.`,
      ];
    }),
  );
}

function summarise(
  arms: readonly TradeoffArm[],
  pareto: readonly TradeoffArm[],
  dimensions: readonly string[],
): string {
  if (arms.length < 2) {
    const had =
      arms.length === 0 ? 'no variant or configuration has' : 'only 1 variant or configuration has';
    return `Nothing to compare: ${had} ${minArmRuns} runs with every dimension.`;
  }
  const beaten = arms.length - pareto.length;
  return `${arms.length} arms in ${dimensions.join(', ')}: ${beaten === 0 ? 'none' : beaten} of them ${beaten > 1 ? 'are' : 'is'} beaten in every dimension by another. Not freed of task difficulty.`;
}
