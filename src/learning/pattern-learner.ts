import type {
  CandidatesQuery,
  CandidatesView,
  LearnSummary,
  Review,
  ReviewQuery,
} from '../model/learned';
import type { Clock, ExecutionReader, LearningMemory } from '../model/ports';
import { auditView } from './audit-view';
import { generateCandidates } from './candidates';
import { resolveLearningSettings, type LearningSettings } from './learning-settings';
import {
  alphaOfLook,
  decideLook,
  type LookDecision,
  type LookSchedule,
  nextLookAtUnits,
} from './look-schedule';
import { countLearnable, outcomeColumn } from './outcome-column';
import { readRegistry } from './registry';
import { reviewFamily } from './review';
import { runLook } from './run-look';
import { collectUnits, type UnitTable } from './unit-table';
import { createWorkbench } from './workbench';

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
      const judged = !settings.dimensions.includes('status');
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
  };
}

async function learn(
  { reader, memory, clock }: PatternLearnerOptions,
  settings: LearningSettings,
  { throughCut }: LearnOptions,
  schedule: LookSchedule,
): Promise<LearnSummary> {
  const startedAt = clock.nowUnixNano();
  const table = await collectUnits(reader.readClosedExecutions({ throughCut }));
  const columns = settings.dimensions.map((name) => outcomeColumn(table, name, settings));
  const units = countLearnable(columns, table.units.length);
  const earlierLooks = await memory.readLooks();
  const decision = decideLook(earlierLooks, units, settings.alpha, schedule);
  const finish = (report: LookReport): LearnSummary => ({
    ...describeUnits(table, units),
    ...report,
    demoted: 0,
    seconds: Number(clock.nowUnixNano() - startedAt) / 1e9,
  });
  if (!decision.due) return finish(notDue(decision, units));

  const candidates = generateCandidates(table, settings);
  const result = await runLook(
    {
      ...decision,
      atUnixNano: clock.nowUnixNano(),
      units,
      candidates,
      columns,
      registry: await readRegistry(memory),
      earlierLooks,
      readAgain: (executionIds) => reader.readClosedExecutions({ throughCut, executionIds }),
    },
    createWorkbench(table, settings),
  );
  if (result === null) {
    const again = schedule === 'manual' ? units + 1 : 2 * units;
    return finish(nothingTestable(candidates.length, units, again, settings));
  }
  const { look, patterns, entries } = result;
  await memory.recordLook(look, patterns, entries);
  return finish({
    candidates: look.candidates,
    tested: look.tested,
    promoted: { observed: look.promoted, confirmed: 0, causal: 0 },
    look: { number: look.number, alpha: look.alpha },
    nextLookAtUnits: 2 * units,
    message: `Look ${look.number} at level ${look.alpha.toPrecision(3)}: ${look.tested} tests, ${look.promoted} observed.`,
  });
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

function notDue({ nextAtUnits }: LookDecision & { due: false }, units: number): LookReport {
  return {
    candidates: 0,
    tested: 0,
    promoted: nothingPromoted,
    look: null,
    nextLookAtUnits: nextAtUnits,
    message: `Next look at n = ${nextAtUnits}; there are ${units} units. Patterns stay as they are.`,
  };
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
