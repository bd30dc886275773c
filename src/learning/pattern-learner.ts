import type {
  CandidatesQuery,
  CandidatesView,
  LearnSummary,
  Review,
  ReviewQuery,
  SelfAudit,
} from '../model/learned';
import type { ClosedExecution } from '../model/learning';
import type { Look, Pattern } from '../model/pattern';
import type { Clock } from '../model/ports';
import type { ExecutionReader, LearningMemory } from '../model/ports-learning';
import type { Page } from '../model/query';
import { auditView } from './audit-view';
import { generateCandidates } from './candidates';
import { followUp, type FollowUp, type FollowUpInput } from './follow-up';
import { resolveLearningSettings, type LearningSettings } from './learning-settings';
import {
  alphaOfLook,
  decideLook,
  type LookDecision,
  type LookSchedule,
  nextLookAtUnits,
} from './look-schedule';
import { countLearnable, dimensionsOf, outcomeColumn } from './outcome-column';
import { learningNotes } from './learning-notes';
import { readRegistry } from './registry';
import { retirePatterns } from './retire';
import { reviewFamily } from './review';
import { auditMethod } from './self-audit';
import { runLook, type LookInput } from './run-look';
import { collectUnits, type UnitTable } from './unit-table';
import { createWorkbench, type Workbench } from './workbench';

export interface PatternLearnerOptions {
  readonly reader: ExecutionReader;
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

/** @throws ConfigError when a setting is out of range */
export function createPatternLearner(options: PatternLearnerOptions): PatternLearner {
  const { reader, memory } = options;
  const settings = resolveLearningSettings(options.settings);
  // Executions below which, by the last round on schedule, no look can be due.
  let enough = 0;
  return {
    learn: (query = {}) => learn(options, settings, query, 'manual'),
    async learnOnSchedule(query = {}) {
      const judged = settings.dimensions === 'present' || !settings.dimensions.includes('status');
      const executions = await reader.countClosedExecutions({ judged });
      const scheduled = nextLookAtUnits(await memory.readLooks(), 'background');
      if (executions < Math.max(enough, scheduled)) return null;
      const summary = await learn(options, settings, query, 'background');
      // Of those counted, `units` may be learned from; it takes new ones to have more.
      enough = executions + Math.max(1, summary.nextLookAtUnits - summary.units);
      return summary;
    },
    async candidates(query = {}) {
      const table = await collectUnits(reader.readClosedExecutions({ agentId: query.agentId }));
      return auditView(table, await readRegistry(memory), settings, query);
    },
    async review({ agentId, limit = 10 } = {}) {
      const table = await collectUnits(reader.readClosedExecutions({ agentId }));
      const looks = await memory.readLooks();
      const alpha = alphaOfLook(Math.max(1, looks.length), settings.alpha);
      return reviewFamily(table, await readRegistry(memory), alpha, settings, limit);
    },
    async audit() {
      const table = await collectUnits(reader.readClosedExecutions({}), settings.attempts);
      return auditMethod(table, await memory.readLooks(), settings);
    },
  };
}

async function learn(
  { reader, memory, clock }: PatternLearnerOptions,
  settings: LearningSettings,
  { throughCut }: LearnOptions,
  schedule: LookSchedule,
): Promise<LearnSummary> {
  const startedAt = clock.nowUnixNano();
  const table = await collectUnits(reader.readClosedExecutions({ throughCut }), settings.attempts);
  const dimensions = dimensionsOf(table, settings);
  const columns = dimensions.map((name) => outcomeColumn(table, name, settings));
  const units = countLearnable(columns, table.units.length);
  const looks = await memory.readLooks();
  const decision = decideLook(looks, units, settings.alpha, schedule);
  const bench = createWorkbench(table, settings);
  const candidates = looks.length > 0 || decision.due ? generateCandidates(table, settings) : [];
  const followed = await followPromoted({ candidates, columns, looks }, { memory, clock }, bench);
  const finish = (report: LookReport): LearnSummary => ({
    ...describeUnits(table, units),
    dimensions,
    notes: learningNotes(table),
    ...report,
    promoted: {
      ...report.promoted,
      confirmed: report.promoted.confirmed + followed.confirmed,
    },
    demoted: followed.demoted,
    reopened: followed.reopened,
    seconds: Number(clock.nowUnixNano() - startedAt) / 1e9,
  });
  if (table.sampling.refusal !== null) return finish(refused(table.sampling.refusal, units));
  if (!decision.due) return finish(notDue(decision, units, looks));

  const looked = await lookNow(
    { ...decision, units, candidates, columns, earlierLooks: looks },
    { reader, memory, clock },
    { throughCut },
    bench,
  );
  const again = schedule === 'manual' ? units + 1 : 2 * units;
  return finish(looked ?? nothingTestable(candidates.length, units, again, settings));
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
  return { ...describeLook(look, patterns), nextLookAtUnits: 2 * input.units };
}

/** What became of what was promoted before, written down before the next look. */
async function followPromoted(
  input: Pick<FollowUpInput, 'candidates' | 'columns' | 'looks'>,
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

function describeLook(
  look: Look,
  patterns: readonly Pattern[],
): Omit<LookReport, 'nextLookAtUnits'> {
  const count = (status: Pattern['status']): number =>
    patterns.filter((pattern) => pattern.status === status).length;
  const [observed, confirmed, apart] = [count('observed'), count('confirmed'), count('unadjusted')];
  const beside =
    apart === 0 ? '' : ` ${apart} go with success but may only show which tasks are hard.`;
  return {
    candidates: look.candidates,
    tested: look.tested,
    promoted: { observed, confirmed, causal: 0 },
    look: { number: look.number, alpha: look.alpha },
    message: `Look ${look.number} at level ${look.alpha.toPrecision(3)}: ${look.tested} tests, ${observed + confirmed} findings.${beside}`,
  };
}

type LookReport = Pick<
  LearnSummary,
  'candidates' | 'tested' | 'promoted' | 'look' | 'nextLookAtUnits' | 'message'
>;

function describeUnits(
  table: UnitTable,
  units: number,
): Pick<LearnSummary, 'executions' | 'units' | 'leftOut'> {
  const { executions, ...leftOut } = table.counts;
  return { executions, units, leftOut: { ...leftOut, withoutOutcome: table.units.length - units } };
}

const nothingPromoted = { observed: 0, confirmed: 0, causal: 0 };

function notDue(
  { nextAtUnits }: LookDecision & { due: false },
  units: number,
  looks: readonly Look[],
): LookReport {
  return {
    candidates: looks.at(-1)?.candidates ?? 0,
    tested: 0,
    promoted: nothingPromoted,
    look: null,
    nextLookAtUnits: nextAtUnits,
    message: `Next look at n = ${nextAtUnits}; there are ${units} units. Patterns stay as they are.`,
  };
}

/** Runs that were kept because of how they went teach nothing. */
function refused(message: string, units: number): LookReport {
  const counts = { candidates: 0, tested: 0, promoted: nothingPromoted };
  return { ...counts, look: null, nextLookAtUnits: units + 1, message };
}

/** A look that tests nothing spends nothing. */
function nothingTestable(
  candidates: number,
  units: number,
  nextLookAtUnits: number,
  { minSupport }: LearningSettings,
): LookReport {
  return {
    candidates,
    tested: 0,
    promoted: nothingPromoted,
    look: null,
    nextLookAtUnits,
    message: `Not enough evidence: ${units} units, and no candidate with ${minSupport} on each side that could be tested.`,
  };
}
