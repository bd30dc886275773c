import type {
  CandidatesQuery,
  CandidatesView,
  LearnSummary,
  Review,
  ReviewQuery,
  SelfAudit,
} from '../model/learned';
import type { ClosedExecution } from '../model/learning';
import type { Pattern } from '../model/pattern';
import type { Clock } from '../model/ports';
import type { ExecutionReader, LearningFeed, LearningMemory } from '../model/ports-learning';
import type { Page } from '../model/query';
import { auditView } from './audit/audit-view';
import { generateCandidates } from './candidates/candidates';
import type { Watches } from './follow-up/demotion';
import { followUp, type FollowUp, type FollowUpInput } from './follow-up/follow-up';
import { createFollower } from './units/follower';
import type { LearningSettings } from './units/learning-settings';
import { alphaOfLook, decideLook, type LookSchedule, nextLookAtUnits } from './look/look-schedule';
import {
  countLearnable,
  dimensionsOf,
  outcomeColumn,
  spentColumns,
  type OutcomeColumn,
} from './units/outcome-column';
import { estimateOutcomes } from './units/outcome-estimates';
import { learningNotes } from './learning-notes';
import { readRegistry } from './look/registry';
import { retirePatterns } from './look/retire';
import { findOpen } from './findings/open-questions';
import { reviewFamily } from './audit/review';
import { auditMethod } from './audit/self-audit';
import { runLook, type LookInput } from './run-look';
import {
  describeLook,
  describeUnits,
  notDue,
  nothingTestable,
  refused,
  type LookReport,
} from './look/look-report';
import { collectForTestsAndEstimates, collectUnits } from './units/unit-collector';
import type { UnitTable } from './units/unit-table';
import { createWorkbench, type Workbench } from './comparison/workbench';

export interface PatternLearnerOptions {
  readonly reader: ExecutionReader;
  /** The same by cursor, so that a look reads what is new; without it all of the executions are read again. */
  readonly feed?: Pick<LearningFeed, 'readFrozen' | 'readOutcomeChanges'> | undefined;
  readonly memory: LearningMemory;
  readonly clock: Clock;
  readonly settings?: Partial<LearningSettings> | undefined;
}

export interface LearnOptions {
  /** Last cut to read; all of them unless told. */
  readonly throughCut?: number | undefined;
}

/** Learns which behaviours and settings go with the outcome, one honest look at a time. */
export interface PatternLearner {
  /**
   * One look over all admitted executions, if one is due (LEARNING 3); else nothing is tested and the
   * patterns stay. A pattern once observed stays with its last evidence.
   */
  learn(options?: LearnOptions): Promise<LearnSummary>;
  /**
   * The same on the schedule of background learning, which waits for 250 units before its first look;
   * `null` while there are too few executions for a look, of which then none is read.
   */
  learnOnSchedule(options?: LearnOptions): Promise<LearnSummary | null>;
  /**
   * Every candidate with its evidence: the audit view, which promotes nothing.
   * @throws InputError for a stratum, kind or dimension that does not exist
   */
  candidates(query?: CandidatesQuery): Promise<CandidatesView>;
  /** What looks like a pattern and is none, and what is not known yet. Promotes nothing. */
  review(query?: ReviewQuery): Promise<Review>;
  /** The method held against features that cannot matter. Promotes nothing. */
  audit(): Promise<SelfAudit>;
}

/** What `createPatternLearner` gives, once it is asked. */
export function patternLearner(
  options: PatternLearnerOptions,
  settings: LearningSettings,
): PatternLearner {
  const { reader, memory } = options;
  const state = createState(options, settings);
  // Executions below which, by the last round on schedule, no look can be due.
  let enough = 0;
  return {
    learn: (query = {}) => learn(options, state, query, 'manual'),
    async learnOnSchedule(query = {}) {
      const judged = settings.dimensions === 'present' || !settings.dimensions.includes('status');
      const executions = await reader.countClosedExecutions({ judged });
      const looks = await memory.readLooks();
      const isDue = executions >= Math.max(enough, nextLookAtUnits(looks, 'background'));
      if (!isDue && executions < state.nextFollowUp) return null;
      if (!isDue && !(looks.length > 0 && (await hasPromoted(memory)))) return null;
      const summary = await learn(options, state, query, 'background');
      // Of those counted, `units` may be learned from; it takes new ones to have more.
      enough = executions + Math.max(1, summary.nextLookAtUnits - state.unitsReached);
      state.nextFollowUp = executions + Math.max(leastFollowedUp, executions * followedUpShare);
      return summary;
    },
    async candidates(query = {}) {
      const runs = reader.readClosedExecutions({ agentId: query.agentId });
      const tables = await collectForTestsAndEstimates(runs, settings);
      return auditView(tables, await readRegistry(memory), settings, query);
    },
    async review({ agentId, limit = 10 } = {}) {
      const table = await collectUnits(reader.readClosedExecutions({ agentId }), settings);
      const looks = await memory.readLooks();
      const number = Math.max(1, looks.length);
      const look = { number, alpha: alphaOfLook(number, settings.alpha) };
      return reviewFamily(table, await readRegistry(memory), look, settings, limit);
    },
    async audit() {
      const table = await collectUnits(reader.readClosedExecutions({}), settings);
      return auditMethod(table, await memory.readLooks(), settings);
    },
  };
}

/**
 * New executions after which the promoted findings are followed up between looks: a share of all, so that an
 * execution costs the same however many there are.
 */
const leastFollowedUp = 50;
const followedUpShare = 0.05;

/** What one learner keeps in memory between calls; all of it is found again from the store. */
interface LearnerState {
  readonly settings: LearningSettings;
  readonly watches: Watches;
  readonly unitsThrough: (throughCut: number | undefined) => Promise<UnitTable>;
  /** Units that looks are counted by: also those that are forgotten. */
  unitsReached: number;
  /** Judged executions at which promoted findings are followed up next. */
  nextFollowUp: number;
}

function createState(
  { reader, feed }: PatternLearnerOptions,
  settings: LearningSettings,
): LearnerState {
  const follower = feed === undefined ? null : createFollower(feed, settings);
  return {
    settings,
    watches: new Map(),
    nextFollowUp: 0,
    unitsReached: 0,
    async unitsThrough(throughCut) {
      // What no cut has admitted has no place in the order yet.
      if (follower === null || throughCut === undefined) {
        return collectUnits(reader.readClosedExecutions({ throughCut }), settings);
      }
      await follower.follow(throughCut);
      return follower.table();
    },
  };
}

async function learn(
  { reader, memory, clock }: PatternLearnerOptions,
  state: LearnerState,
  { throughCut }: LearnOptions,
  schedule: LookSchedule,
): Promise<LearnSummary> {
  const { settings, watches, unitsThrough } = state;
  const startedAt = clock.nowUnixNano();
  const table = await unitsThrough(throughCut);
  const { dimensions, outcomes, columns } = columnsOf(table, settings);
  const units = countLearnable(outcomes, table.units.length);
  const looks = await memory.readLooks();
  const reached = (state.unitsReached = unitsEver(units, table));
  const decision = decideLook(looks, reached, settings.alpha, schedule);
  const bench = createWorkbench(table, settings);
  const candidates = looks.length > 0 || decision.due ? generateCandidates(table, settings) : [];
  const followed = await followPromoted(
    { candidates, columns, looks, watches },
    { memory, clock },
    bench,
  );
  const finish = (report: LookReport): LearnSummary => ({
    ...describeUnits(table, units),
    dimensions,
    outcomes: estimateOutcomes(table, dimensions),
    notes: units === 0 ? [] : learningNotes(table, settings),
    ...report,
    confirmed: followed.confirmed,
    demoted: followed.demoted,
    reopened: followed.reopened,
    refusal: table.sampling.refusal,
    seconds: Number(clock.nowUnixNano() - startedAt) / 1e9,
  });
  if (table.sampling.refusal !== null) return finish(refused(table.sampling.refusal, reached));
  if (!decision.due) {
    return finish(notDue(decision, reached, looks, table.counts.executions));
  }

  const looked = await lookNow(
    { ...decision, units: reached, candidates, columns, earlierLooks: looks },
    { reader, memory, clock },
    { throughCut },
    bench,
  );
  const again = schedule === 'manual' ? reached + 1 : 2 * reached;
  return finish(looked ?? nothingTestable(candidates.length, units, again, settings));
}

interface LearnedColumns {
  readonly dimensions: readonly string[];
  readonly outcomes: readonly OutcomeColumn[];
  /** Outcomes, and what runs spend. */
  readonly columns: readonly OutcomeColumn[];
}

function columnsOf(table: UnitTable, settings: LearningSettings): LearnedColumns {
  const dimensions = dimensionsOf(table, settings);
  const outcomes = dimensions.map((name) => outcomeColumn(table, name, settings));
  const [primary] = outcomes;
  const spent = primary === undefined ? [] : spentColumns(table, primary, settings);
  return { dimensions, outcomes, columns: [...outcomes, ...spent] };
}

/** Of what is forgotten as many could be learned from as of what is kept: looks go on doubling. */
function unitsEver(units: number, { counts: { executions, kept } }: UnitTable): number {
  return kept === executions ? units : Math.round((units * executions) / kept);
}

/** One look, written down with what it says of earlier patterns; `null` where nothing could be tested. */
async function lookNow(
  input: Omit<LookInput, 'atUnixNano' | 'registry' | 'readAgain'>,
  { reader, memory, clock }: PatternLearnerOptions,
  { throughCut }: LearnOptions,
  bench: Workbench,
): Promise<LookReport | null> {
  const atUnixNano = clock.nowUnixNano();
  const readAgain = (executionIds: readonly string[]): AsyncIterable<ClosedExecution> =>
    reader.readClosedExecutions({ throughCut, executionIds });
  const registry = await readRegistry(memory);
  const result = await runLook({ ...input, atUnixNano, registry, readAgain }, bench);
  if (result === null) return null;
  const { look, patterns, entries, judgements } = result;
  const stored = await readPatterns(memory);
  const retired = retirePatterns(stored, patterns, judgements, look.number, atUnixNano);
  await memory.recordLook(look, [...retired, ...patterns], entries);
  const members = [...judgements.verdicts].flatMap(([member, { finding }]) =>
    finding === null ? [member] : [],
  );
  const level = look.alpha / Math.max(1, judgements.familySize);
  const open = findOpen(members, level, shownQuestions, bench).map(({ sentence }) => sentence);
  return { ...describeLook(look, patterns, open), nextLookAtUnits: 2 * input.units };
}

const shownQuestions = 3;

/** What became of what was promoted before, written down before the next look. */
async function followPromoted(
  input: Pick<FollowUpInput, 'candidates' | 'columns' | 'looks' | 'watches'>,
  { memory, clock }: Pick<PatternLearnerOptions, 'memory' | 'clock'>,
  bench: Workbench,
): Promise<FollowUp> {
  if (input.looks.length === 0) return nothingFollowed;
  const patterns = await readPatterns(memory);
  const registry = await readRegistry(memory);
  const atUnixNano = clock.nowUnixNano();
  const result = followUp({ ...input, patterns, registry, atUnixNano }, bench);
  if (result.entries.length > 0) await memory.recordTests(result.patterns, result.entries);
  return result;
}

const nothingFollowed: FollowUp = {
  patterns: [],
  entries: [],
  confirmed: 0,
  demoted: 0,
  reopened: 0,
};

async function hasPromoted(memory: LearningMemory): Promise<boolean> {
  for (const status of ['observed', 'confirmed'] as const) {
    if ((await memory.queryPatterns({ status, limit: 1 })).items.length > 0) return true;
  }
  return false;
}

async function readPatterns(memory: LearningMemory): Promise<Pattern[]> {
  const patterns: Pattern[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Pattern> = await memory.queryPatterns(
      cursor === null ? { limit: 1_000 } : { limit: 1_000, cursor },
    );
    patterns.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return patterns;
}
