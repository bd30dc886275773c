import type { ApplicabilityEvidence, ContextCell } from '../model/applicability';
import type { ClosedExecution } from '../model/learning';
import type { Pattern } from '../model/pattern';
import { settingRanges } from './evidence-context';
import { extractFeatures } from './features';
import { matchesPredicate } from './match-predicate';

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
 * the difference of means.
 */
export async function gatherApplicability(
  runs: AsyncIterable<ClosedExecution>,
  { predicate, dimension }: Pick<Pattern, 'predicate' | 'dimension'>,
): Promise<ApplicabilityEvidence> {
  const cells = new Map<string, { readonly of: ClosedExecution; readonly runs: CellRun[] }>();
  const ranges = settingRanges();
  let latestUnixNano = 0n;
  for await (const run of runs) {
    const outcome = Object.hasOwn(run.outcome, dimension) ? run.outcome[dimension] : undefined;
    if (outcome === undefined || (run.attempt > 1 && !run.attemptsUnknown)) continue;
    const features = extractFeatures(run);
    const name = JSON.stringify([run.agent.id, run.taskType]);
    const cell = cells.get(name) ?? { of: run, runs: [] };
    cells.set(name, cell);
    const has = matchesPredicate(features, predicate) ? 1 : 0;
    cell.runs.push({ taskId: run.taskId, has, outcome });
    ranges.add(run.config);
    if (run.rootStartTimeUnixNano > latestUnixNano) latestUnixNano = run.rootStartTimeUnixNano;
  }
  return {
    cells: [...cells.values()].flatMap(({ of, runs: own }): ContextCell[] => {
      const effect = effectOf(own);
      if (effect === null) return [];
      return [{ agentId: of.agent.id, taskType: of.taskType, ...effect, runs: own.length }];
    }),
    settings: ranges.finish(),
    tags: [],
    latestUnixNano,
  };
}

type Effect = Pick<ContextCell, 'effect' | 'standardError'>;

function effectOf(runs: readonly CellRun[]): Effect | null {
  const having = runs.reduce((sum, { has }) => sum + has, 0);
  if (having < minSide || runs.length - having < minSide) return null;
  const byTask = new Map<string, CellRun[]>();
  for (const run of runs) byTask.set(run.taskId, [...(byTask.get(run.taskId) ?? []), run]);
  const repeated = [...byTask.values()].filter(({ length }) => length >= 2);
  const inRepeated = repeated.reduce((sum, { length }) => sum + length, 0);
  const within = inRepeated >= repeatedShare * runs.length ? effectWithinTasks(repeated) : null;
  return within ?? differenceOfMeans(runs);
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

function differenceOfMeans(runs: readonly CellRun[]): Effect {
  const side = (which: number): { readonly mean: number; readonly variance: number } => {
    const values = runs.flatMap(({ has, outcome }) => (has === which ? [outcome] : []));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    // One imagined 0 and one 1 (Agresti and Caffo 2000): a side of equal outcomes is not certain.
    const padded = [...values, 0, 1];
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
