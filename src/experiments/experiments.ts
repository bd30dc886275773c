import { NotFoundError, TransitionError } from '../errors';
import type {
  AssignmentAnswer,
  Experiment,
  ExperimentAnalysis,
  Observation,
} from '../model/experiment';
import type { ClosedExecution } from '../model/learning';
import type { Clock } from '../model/ports';
import type { ExposureReader } from '../model/ports-learning';
import type { AuditEntry, ExperimentBook, ExperimentDesk } from '../model/ports-experiments';
import { analyzeExperiment } from './analyze';
import type { AssignmentDesk } from './assignment-desk';
import { changeSplit, createExperiment } from './create-experiment';
import { readUnits, toObservations } from './read-units';
import { createReview } from './review-running';
import { followOutcomes } from './thompson';

export interface ExperimentsOptions {
  readonly book: ExperimentBook;
  readonly executions: ExposureReader;
  readonly clock: Clock;
  /** A new id, once per call. */
  readonly newId: () => string;
  /** Reward dimensions that the store knows or the application declares. */
  readonly dimensions: () => Promise<readonly string[]>;
}

/** Experiments over what is stored; `createExperiments` makes it. */
export interface Experiments extends ExperimentDesk {
  /** From the local snapshot, within microseconds, also while the store is away. */
  assignVariant(experimentId: string, unit: string): AssignmentAnswer;
  /** Stored assignments keep their variant; only new units follow the new split. */
  changeSplit(id: string, trafficSplit: readonly number[], actor?: string): Promise<Experiment>;
  /**
   * What the decision rests on, in the order of assignment: `decide(observations, experiment.rules)` gives the same
   * decision, bit for bit, on any machine.
   */
  observations(id: string): Promise<readonly Observation[]>;
  /** Analyses the running ones of which more is known than at the last time; gives their ids. */
  review(): Promise<readonly string[]>;
  /** Takes over what other processes did. */
  refresh(): Promise<void>;
  /** Stores assignments that wait. */
  flush(): Promise<number>;
}

/** What is done with experiments beside drawing variants. */
export type ExperimentWork = Omit<
  Experiments,
  'assignVariant' | 'assignStored' | 'refresh' | 'flush'
>;

export function experimentWork(options: ExperimentsOptions, desk: AssignmentDesk): ExperimentWork {
  const { book, clock } = options;
  const analyze = analyzeOf(options, desk);
  const follow = followOf(options, desk);
  return {
    ...changeOf(options, desk),
    ...endOf(options, desk),
    get: (id) => read(book, id),
    list: (filter) => book.listExperiments(filter),
    analyze,
    observations: async (id) => readObservations(await read(book, id), options),
    history: (id) => book.readAudit({ kind: 'experiment', id }),
    review: createReview({
      list: () => book.listExperiments({ status: 'running' }),
      analyze: async (id) => {
        await analyze(id);
        await follow(id);
      },
      executions: options.executions,
      clock,
    }),
  };
}

function analyzeOf(options: ExperimentsOptions, desk: AssignmentDesk): Experiments['analyze'] {
  const { book, clock } = options;
  return async (id) => {
    const experiment = await read(book, id);
    const analysis = await analyzeStored(experiment, options);
    if (experiment.status !== 'running' || analysis.status === 'running') return analysis;
    const decided: Experiment = {
      ...experiment,
      status: analysis.status,
      decision: analysis.decision,
      winner: analysis.winner,
      reason: analysis.reason,
      // A signal got worse: the winner waits for somebody to look.
      rollOutWinner: experiment.rollOutWinner && analysis.signals.length === 0,
      decidedAtUnixNano: clock.nowUnixNano(),
    };
    const audit = step(decided, 'running', 'decision rule', analysis.reason, evidenceOf(analysis));
    // Another process may have stored the same decision a moment ago.
    if (await book.updateExperiment(decided, 'running', audit)) desk.adopt(decided);
    return { ...analysis, decidedAtUnixNano: decided.decidedAtUnixNano };
  };
}

/** Under `thompson`, shares follow what is known by now; units that were assigned keep their variant. */
function followOf(
  options: ExperimentsOptions,
  desk: AssignmentDesk,
): (id: string) => Promise<void> {
  const { book, clock } = options;
  return async (id) => {
    const before = await read(book, id);
    if (before.status !== 'running' || before.allocation !== 'thompson') return;
    const trafficSplit = followOutcomes(before, await readObservations(before, options));
    if (trafficSplit === null) return;
    const next = { ...before, trafficSplit };
    const reason = `split ${before.trafficSplit.join('/')} → ${trafficSplit.join('/')}`;
    const audit = step(next, before.status, 'thompson', reason);
    await desk.flush();
    if (await book.updateExperiment(next, 'running', { ...audit, atUnixNano: clock.nowUnixNano() }))
      desk.adopt(next);
  };
}

/** What people do to an experiment, each with its audit row. */
function changeOf(
  options: ExperimentsOptions,
  desk: AssignmentDesk,
): Pick<Experiments, 'create' | 'changeSplit'> {
  const { book, clock } = options;
  const replace = replaceOf(book, desk);
  return {
    async create(input, actor = 'user') {
      const experiment = createExperiment(input, {
        id: options.newId(),
        nowUnixNano: clock.nowUnixNano(),
        running: await book.listExperiments({ status: 'running' }),
        dimensions: await options.dimensions(),
      });
      await book.createExperiment(experiment, step(experiment, null, actor, 'created'));
      desk.adopt(experiment);
      return experiment;
    },
    async changeSplit(id, trafficSplit, actor = 'user') {
      const before = await read(book, id);
      const next = changeSplit(before, trafficSplit);
      const reason = `split ${before.trafficSplit.join('/')} → ${trafficSplit.join('/')}`;
      await desk.flush();
      await replace(next, before, {
        ...step(next, before.status, actor, reason),
        atUnixNano: clock.nowUnixNano(),
      });
      return next;
    },
  };
}

/** What people make of one that has run. */
function endOf(
  { book, clock }: ExperimentsOptions,
  desk: AssignmentDesk,
): Pick<Experiments, 'rollOut' | 'stop'> {
  const replace = replaceOf(book, desk);
  return {
    async rollOut(id, reason, actor = 'user') {
      const before = await read(book, id);
      if (before.winner === null || before.rollOutWinner) {
        const state = before.winner === null ? 'has no winner' : 'is rolled out already';
        throw new TransitionError(`experiment ${id} ${state}: nothing to roll out.`);
      }
      const next: Experiment = { ...before, rollOutWinner: true };
      const atUnixNano = clock.nowUnixNano();
      const text = `${before.winner} to everybody: ${reason}`;
      await replace(next, before, { ...step(next, before.status, actor, text), atUnixNano });
      return next;
    },
    async stop(id, reason, actor = 'user') {
      const before = await read(book, id);
      if (before.status !== 'running') {
        throw new TransitionError(`experiment ${id} is ${before.status} and cannot be stopped.`);
      }
      const now = clock.nowUnixNano();
      const next: Experiment = { ...before, status: 'stopped', reason, decidedAtUnixNano: now };
      await replace(next, before, step(next, before.status, actor, reason));
      return next;
    },
  };
}

function replaceOf(
  book: ExperimentBook,
  desk: AssignmentDesk,
): (next: Experiment, before: Experiment, audit: AuditEntry) => Promise<void> {
  return async (next, before, audit) => {
    await replaceIn(book, next, before, audit);
    desk.adopt(next);
  };
}

async function replaceIn(
  book: ExperimentBook,
  next: Experiment,
  before: Experiment,
  audit: AuditEntry,
): Promise<void> {
  if (await book.updateExperiment(next, before.status, audit)) return;
  throw new TransitionError(`experiment ${next.id} is no longer ${before.status}.`, {
    hint: 'Somebody else was first: read it again.',
  });
}

async function read(book: ExperimentBook, id: string): Promise<Experiment> {
  const experiment = await book.getExperiment(id);
  if (experiment !== null) return experiment;
  throw new NotFoundError(`There is no experiment ${JSON.stringify(id.slice(0, 100))}.`);
}

async function analyzeStored(
  experiment: Experiment,
  { book, executions, clock }: ExperimentsOptions,
): Promise<ExperimentAnalysis> {
  const exposed = await readExposed(executions, experiment);
  const propensities = await readPropensities(book, experiment);
  const analysis = analyzeExperiment(experiment, exposed, {
    nowUnixNano: clock.nowUnixNano(),
    propensities: (unit) => propensities.get(unit),
  });
  if (experiment.status === 'running') return analysis;
  const status = experiment.status === 'stopped' ? 'decided' : experiment.status;
  const { winner, decidedAtUnixNano } = experiment;
  const reason = experiment.reason ?? analysis.reason;
  const decision = experiment.status === 'stopped' ? 'no_decision' : experiment.decision;
  return { ...analysis, status, decision, winner, reason, decidedAtUnixNano };
}

/** What each unit was drawn with: shares that are as they began may have been others in between. */
async function readPropensities(
  book: ExperimentBook,
  { id }: Experiment,
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const propensities = new Map<string, Readonly<Record<string, number>>>();
  for await (const assignment of book.readAssignments(id)) {
    propensities.set(assignment.unit, assignment.propensities);
  }
  return propensities;
}

/** What `decide` is given: units in the order of assignment, with what they were drawn with. */
async function readObservations(
  experiment: Experiment,
  { book, executions, clock }: ExperimentsOptions,
): Promise<readonly Observation[]> {
  const exposed = await readExposed(executions, experiment);
  const propensities = await readPropensities(book, experiment);
  const { units } = readUnits(experiment, exposed, clock.nowUnixNano());
  return toObservations(experiment, units, ({ id }) => propensities.get(id));
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

/** At the moment of the decision, else of the start. */
function step(
  experiment: Experiment,
  from: Experiment['status'] | null,
  actor: string,
  reason: string,
  evidence: AuditEntry['evidence'] = {},
): AuditEntry {
  return {
    subject: { kind: 'experiment', id: experiment.id },
    atUnixNano: experiment.decidedAtUnixNano ?? experiment.startedAtUnixNano,
    actor,
    from,
    to: experiment.status,
    reason,
    evidence,
  };
}

function evidenceOf(analysis: ExperimentAnalysis): AuditEntry['evidence'] {
  const winner = analysis.variants.find(({ name }) => name === analysis.winner);
  return {
    decision: analysis.decision,
    units: analysis.units,
    sample_ratio_e_value: analysis.sampleRatio.eValue,
    ...(analysis.signals.length > 0 && { signals: analysis.signals.join(', ') }),
    ...(winner !== undefined && {
      winner: winner.name,
      e_value: winner.eValue,
      estimate: winner.lift?.estimate ?? null,
    }),
  };
}
