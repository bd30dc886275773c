import { TransitionError } from '../errors';
import type {
  AssignmentAnswer,
  Experiment,
  ExperimentAnalysis,
  Observation,
} from '../model/experiment';
import type { Clock } from '../model/ports';
import type { ExposureReader } from '../model/ports-learning';
import type { AuditEntry, ExperimentBook, ExperimentDesk } from '../model/ports-experiments';
import type { AssignmentDesk } from './assignment-desk';
import { changeSplit, createExperiment } from './create-experiment';
import { analyzeKnown, observationsOf, readExperiment, readKnown } from './read-stored';
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
   * decision, bit for bit, on any machine. Once it has fallen they are as they were then, whatever is revised or removed later, and name
   * units by their place.
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
    get: (id) => readExperiment(book, id),
    list: (filter) => book.listExperiments(filter),
    analyze,
    async observations(id) {
      const experiment = await readExperiment(book, id);
      const stored = await book.readObservations(id);
      return stored ?? observationsOf(experiment, await readKnown(experiment, options));
    },
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
    const experiment = await readExperiment(book, id);
    const known = await readKnown(experiment, options);
    const analysis = analyzeKnown(experiment, known);
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
    const restsOn = observationsOf(experiment, known);
    if (await book.updateExperiment(decided, 'running', audit, restsOn)) desk.adopt(decided);
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
    const before = await readExperiment(book, id);
    if (before.status !== 'running' || before.allocation !== 'thompson') return;
    const trafficSplit = followOutcomes(
      before,
      observationsOf(before, await readKnown(before, options)),
    );
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
      const before = await readExperiment(book, id);
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
      const before = await readExperiment(book, id);
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
      const before = await readExperiment(book, id);
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
