import type { Applicability, ApplicationContext, ContextCell } from '../model/applicability';
import type { Configuration } from '../model/configuration';
import { EvolutionError } from '../errors';
import type { LearnSummary } from '../model/learned';
import type { WhyReport } from '../model/why';
import {
  createPatternLearner,
  effectsByContext,
  explainRun,
  findDifferences,
  findTradeoffs,
  isApplicable,
  type LearnOptions,
  type PatternLearner,
} from '../learning';
import { withoutTracing } from '../otel';
import type { OpenedStore } from '../store';
import type { EvolutionLearner } from './evolution';
import { findPattern } from './find-pattern';
import { markFinding } from './mark-finding';
import { findRewardFloods, floodSentence } from './reward-floods';
import { systemClock } from './system-clock';

/**
 * The learner over the store: what is closed is admitted before a look, and nothing of it is traced.
 *
 * @param flush - stores what this process has recorded and holds in its queues: who asks means those runs too
 */
export function createLearner(
  store: OpenedStore,
  configuration: Configuration,
  flush: () => Promise<unknown>,
): EvolutionLearner {
  const learner = learnerOver(store, configuration);
  const close = async (rule: 'settled' | 'ended'): Promise<void> => {
    if (rule === 'ended') await flush();
    await store.closeExecutions({ nowUnixNano: systemClock.nowUnixNano(), rule });
  };
  const admit = async (rule: 'settled' | 'ended'): Promise<LearnOptions> => {
    await close(rule);
    const { number } = await store.admitCut(systemClock.nowUnixNano());
    return { throughCut: number };
  };
  const afterClosing = <T>(work: () => Promise<T>): Promise<T> =>
    withoutTracing(async () => {
      await close('ended');
      return work();
    });
  const noted = async <T extends LearnSummary | null>(summary: T): Promise<T> => {
    if (summary !== null) await store.noteLearningRefusal(summary.refusal);
    return summary;
  };
  return {
    learn: () =>
      afterOthers(async () =>
        withFloods(store, await noted(await learner.learn(await admit('ended')))),
      ),
    learnInBackground: () =>
      afterOthers(async () => noted(await learner.learnOnSchedule(await admit('settled')))),
    candidates: (query) => afterClosing(() => learner.candidates(query)),
    queryPatterns: (query) => store.queryPatterns(query),
    explain: (id) => findPattern(store, id),
    mark: (id, mark) => markFinding(store, systemClock, id, mark),
    review: (query) => withoutTracing(() => learner.review(query)),
    audit: () => afterClosing(() => learner.audit()),
    differences: (query = {}) =>
      afterClosing(() => findDifferences({ reader: store, store }, query)),
    isApplicable: (patternId, context) =>
      withoutTracing(() => isApplicableNow(store, patternId, context)),
    strata: (patternId) => withoutTracing(() => strataOf(store, patternId)),
    tradeoffs: (query = {}) => afterClosing(() => findTradeoffs({ reader: store, store }, query)),
    why: (executionId) => afterClosing(() => explainNow(store, executionId)),
  };
}

async function strataOf(store: OpenedStore, patternId: string): Promise<readonly ContextCell[]> {
  return effectsByContext({ reader: store, store }, await findPattern(store, patternId));
}

async function explainNow(store: OpenedStore, executionId: string): Promise<WhyReport> {
  const { items } = await store.queryPatterns({ limit: 1_000 });
  return explainRun({ reader: store, store }, executionId, items);
}

async function withFloods(store: OpenedStore, summary: LearnSummary): Promise<LearnSummary> {
  const { floods, looked } = await findRewardFloods(store);
  const notes = floods.map((flood) => floodSentence(flood, looked));
  return { ...summary, notes: [...summary.notes, ...notes] };
}

async function isApplicableNow(
  store: OpenedStore,
  patternId: string,
  context: ApplicationContext,
): Promise<Applicability> {
  const atUnixNano = systemClock.nowUnixNano();
  const pattern = await findPattern(store, patternId);
  return isApplicable({ reader: store, store }, pattern, { atUnixNano, ...context });
}

function learnerOver(
  store: OpenedStore,
  { successThreshold, dimensions, sampling, learningExecutions }: Configuration,
): PatternLearner {
  return createPatternLearner({
    reader: store,
    feed: store,
    memory: store,
    clock: systemClock,
    settings: {
      successThreshold,
      maxExecutions: learningExecutions,
      dimensions: dimensions ?? 'present',
      ...(sampling === null ? {} : { sampling }),
    },
  });
}

/** Of two processes that take one look at once the loser reads what the other has found, and goes on from there. */
function afterOthers<T>(work: () => Promise<T>): Promise<T> {
  return withoutTracing(async () => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EvolutionError) || error.code !== 'conflict') throw error;
      return work();
    }
  });
}
