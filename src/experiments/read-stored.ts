import { NotFoundError } from '../errors';
import type { Experiment, ExperimentAnalysis, Observation } from '../model/experiment';
import type { ClosedExecution } from '../model/learning';
import type { Clock } from '../model/ports';
import type { ExperimentBook } from '../model/ports-experiments';
import type { ExposureReader } from '../model/ports-learning';
import { analyzeExperiment } from './analyze';
import { readUnits, toObservations } from './read-units';

/** What is stored of an experiment's units, read once. */
export interface Known {
  readonly exposed: readonly ClosedExecution[];
  /** What each unit was drawn with: shares that are as they began may have been others in between. */
  readonly propensities: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly nowUnixNano: bigint;
}

/** @throws NotFoundError */
export async function readExperiment(book: ExperimentBook, id: string): Promise<Experiment> {
  const experiment = await book.getExperiment(id);
  if (experiment !== null) return experiment;
  throw new NotFoundError(`There is no experiment ${JSON.stringify(id.slice(0, 100))}.`);
}

export async function readKnown(
  experiment: Experiment,
  {
    book,
    executions,
    clock,
  }: {
    readonly book: ExperimentBook;
    readonly executions: ExposureReader;
    readonly clock: Clock;
  },
): Promise<Known> {
  const exposed = await readExposed(executions, experiment);
  const propensities = new Map<string, Readonly<Record<string, number>>>();
  for await (const assignment of book.readAssignments(experiment.id)) {
    propensities.set(assignment.unit, assignment.propensities);
  }
  return { exposed, propensities, nowUnixNano: clock.nowUnixNano() };
}

/** What `decide` is given: units in the order of assignment, with what they were drawn with. */
export function observationsOf(
  experiment: Experiment,
  { exposed, propensities, nowUnixNano }: Known,
): readonly Observation[] {
  const { units } = readUnits(experiment, exposed, nowUnixNano);
  return toObservations(experiment, units, ({ id }) => propensities.get(id));
}

/** As it is known by now; a decision that was stored stands. */
export function analyzeKnown(
  experiment: Experiment,
  { exposed, propensities, nowUnixNano }: Known,
): ExperimentAnalysis {
  const analysis = analyzeExperiment(experiment, exposed, {
    nowUnixNano,
    propensities: (unit) => propensities.get(unit),
  });
  if (experiment.status === 'running') return analysis;
  const status = experiment.status === 'stopped' ? 'decided' : experiment.status;
  const { winner, decidedAtUnixNano } = experiment;
  const reason = experiment.reason ?? analysis.reason;
  const decision = experiment.status === 'stopped' ? 'no_decision' : experiment.decision;
  return { ...analysis, status, decision, winner, reason, decidedAtUnixNano };
}

/** Its runs, that name it by its id or, as other providers do, by the flag key. */
async function readExposed(
  executions: ExposureReader,
  { id, key }: Experiment,
): Promise<readonly ClosedExecution[]> {
  const exposed = new Map<string, ClosedExecution>();
  for (const name of new Set([id, key])) {
    for (let cursor = 0; ;) {
      const page = await executions.readExposed({ kind: 'experiment', id: name }, cursor, PAGE);
      for (const execution of page.executions) exposed.set(execution.id, execution);
      if (page.executions.length < PAGE) break;
      cursor = page.cursor;
    }
  }
  return [...exposed.values()];
}

const PAGE = 200;
