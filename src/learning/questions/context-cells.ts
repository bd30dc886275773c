import { isSpent } from '../../model/adaptation';
import type { ApplicabilityEvidence, ContextCell } from '../../model/applicability';
import type { ClosedExecution } from '../../model/learning';
import type { Pattern } from '../../model/pattern';
import { settingRanges } from '../findings/evidence-context';
import type { FeatureSet } from '../features/feature-set';
import { extractFeatures } from '../features/features';
import { matchesPredicate } from '../features/match-predicate';
import { spentValue } from '../units/outcome-column';

/** Runs with, and without, the feature that a context needs to say something. */
const minSide = 5;
/** Of a context's runs so many must lie in tasks that repeat to be compared within tasks. */
const repeatedShare = 0.5;

interface CellRun {
  readonly taskId: string;
  readonly has: number;
  readonly outcome: number;
}

/**
 * A pattern's effect in every agent × type of task, from closed runs that have the pattern's dimension: within tasks
 * where they repeat (means of task taken out of feature and outcome, White's variance with leverage 1/m), else as
 * the difference of means. Of what runs spend it is the relative change, from differences of logarithms.
 */
export async function gatherApplicability(
  runs: AsyncIterable<ClosedExecution>,
  pattern: AskedPattern,
): Promise<ApplicabilityEvidence> {
  const [evidence] = await gatherOfEach(runs, [pattern]);
  return evidence!;
}

type AskedPattern = Pick<Pattern, 'predicate' | 'dimension'>;

/** The same for several patterns, in their order: runs are read once. */
export async function gatherOfEach(
  runs: AsyncIterable<ClosedExecution>,
  patterns: readonly AskedPattern[],
): Promise<readonly ApplicabilityEvidence[]> {
  const collectors = patterns.map(collectorOf);
  for await (const run of runs) {
    if (run.attempt > 1 && !run.attemptsUnknown) continue;
    const features = extractFeatures(run);
    for (const collector of collectors) collector.add(run, features);
  }
  return collectors.map((collector) => collector.finish());
}

function collectorOf({ predicate, dimension }: AskedPattern) {
  const cells = new Map<string, { readonly of: ClosedExecution; readonly runs: CellRun[] }>();
  const ranges = settingRanges();
  let latestUnixNano = 0n;
  return {
    add(run: ClosedExecution, features: FeatureSet): void {
      const outcome = outcomeOf(run, dimension);
      if (outcome === null) return;
      const name = JSON.stringify([run.agent.id, run.taskType]);
      const cell = cells.get(name) ?? { of: run, runs: [] };
      cells.set(name, cell);
      const has = matchesPredicate(features, predicate) ? 1 : 0;
      cell.runs.push({ taskId: run.taskId, has, outcome });
      ranges.add(run.config);
      if (run.rootStartTimeUnixNano > latestUnixNano) latestUnixNano = run.rootStartTimeUnixNano;
    },
    finish(): ApplicabilityEvidence {
      const contexts = [...cells.values()].flatMap(({ of, runs }): ContextCell[] => {
        const found = effectOf(runs, isSpent(dimension));
        if (found === null) return [];
        const effect = isSpent(dimension) ? relativeChange(found) : found;
        return [{ agentId: of.agent.id, taskType: of.taskType, ...effect, runs: runs.length }];
      });
      return { cells: contexts, settings: ranges.finish(), tags: [], latestUnixNano };
    },
  };
}

function outcomeOf(run: ClosedExecution, dimension: string): number | null {
  const { outcome, costUsd, durationNano } = run;
  if (isSpent(dimension)) {
    const millis = durationNano === null ? null : Number(durationNano) / 1e6;
    return spentValue({ cost_usd: costUsd, duration_ms: millis }, dimension);
  }
  return Object.hasOwn(outcome, dimension) ? outcome[dimension]! : null;
}

/** Of a difference of logarithms, its error by the delta method. */
function relativeChange({ effect, standardError }: Effect): Effect {
  return { effect: Math.expm1(effect), standardError: Math.exp(effect) * standardError };
}

type Effect = Pick<ContextCell, 'effect' | 'standardError'>;

function effectOf(runs: readonly CellRun[], isLogarithm: boolean): Effect | null {
  const having = runs.reduce((sum, { has }) => sum + has, 0);
  if (having < minSide || runs.length - having < minSide) return null;
  const byTask = new Map<string, CellRun[]>();
  for (const run of runs) byTask.set(run.taskId, [...(byTask.get(run.taskId) ?? []), run]);
  const repeated = [...byTask.values()].filter(({ length }) => length >= 2);
  const inRepeated = repeated.reduce((sum, { length }) => sum + length, 0);
  const within = inRepeated >= repeatedShare * runs.length ? effectWithinTasks(repeated) : null;
  return within ?? differenceOfMeans(runs, isLogarithm);
}

function effectWithinTasks(tasks: readonly (readonly CellRun[])[]): Effect | null {
  const freed = tasks.flatMap((task) => {
    const mean = (pick: (run: CellRun) => number): number =>
      task.reduce((sum, run) => sum + pick(run), 0) / task.length;
    const [x, y] = [mean(({ has }) => has), mean(({ outcome }) => outcome)];
    return task.map(({ has, outcome }) => ({ x: has - x, y: outcome - y, size: task.length }));
  });
  const sxx = freed.reduce((sum, { x }) => sum + x * x, 0);
  if (sxx < minSide / 2) return null;
  const effect = freed.reduce((sum, { x, y }) => sum + x * y, 0) / sxx;
  const variance = freed.reduce((sum, { x, y, size }) => sum + (x * x * y * y) / (1 - 1 / size), 0);
  return variance > 0 ? { effect, standardError: Math.sqrt(variance) / sxx } : null;
}

function differenceOfMeans(runs: readonly CellRun[], isLogarithm: boolean): Effect {
  const side = (which: number): { readonly mean: number; readonly variance: number } => {
    const values = runs.flatMap(({ has, outcome }) => (has === which ? [outcome] : []));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    // One imagined 0 and one 1 (Agresti and Caffo 2000): a side of equal outcomes is not certain.
    const padded = isLogarithm ? values : [...values, 0, 1];
    const middle = padded.reduce((sum, value) => sum + value, 0) / padded.length;
    const spread = padded.reduce((sum, value) => sum + (value - middle) ** 2, 0) / padded.length;
    return { mean, variance: spread / padded.length };
  };
  const [withFeature, without] = [side(1), side(0)];
  return {
    effect: withFeature.mean - without.mean,
    standardError: Math.sqrt(withFeature.variance + without.variance),
  };
}
