import type { CandidateEvidence, LedgerEntry } from '../model/pattern';
import { benjaminiHochberg, cmhTest, fisherExact } from '../stats';
import type { Candidate } from './candidate';
import type { LearningSettings } from './learning-settings';
import type { OutcomeColumn } from './outcome-column';
import { countTables, summariseArms } from './sample';
import { createStratifier, everyUnit, type StrataPlan } from './strata';
import type { UnitTable } from './unit-table';

/**
 * The audit view: every candidate with its marginal and its stratified evidence, whatever was
 * promoted. Marginal: two-sided Fisher. Stratified: CMH with continuity correction .5 over the plan's
 * strata. Both are corrected by Benjamini-Hochberg over the candidates given; the stratified one over
 * those where it exists. Outcomes of any value count as success from the threshold on.
 */
export function auditCandidates(
  candidates: readonly Candidate[],
  table: UnitTable,
  column: OutcomeColumn,
  planOf: (candidate: Candidate) => StrataPlan,
  lastEntryOf: (candidate: Candidate) => LedgerEntry | undefined,
  settings: LearningSettings,
): CandidateEvidence[] {
  const strataOf = createStratifier(table, settings);
  const whole = { codes: new Int32Array(table.units.length), count: 1 };
  const tested = candidates.map((candidate) => {
    const everywhere = candidate.within === null ? whole : strataOf(everyUnit, candidate);
    const [marginal] = countTables(candidate, column, everywhere);
    const strata = strataOf(planOf(candidate), candidate);
    return {
      candidate,
      arms: summariseArms(candidate, column, everywhere),
      pMarginal: fisherExact(marginal ?? { a: 0, b: 0, c: 0, d: 0 }).pValue,
      stratified: cmhTest(countTables(candidate, column, strata), { continuity: true }),
    };
  });
  const qMarginal = benjaminiHochberg(tested.map(({ pMarginal }) => pMarginal));
  const qStratified = benjaminiHochbergWhereKnown(
    tested.map(({ stratified }) => stratified.pValue),
  );
  return tested.map(({ candidate, arms, pMarginal, stratified }, i) => {
    const entry = lastEntryOf(candidate);
    return {
      predicate: candidate.predicate,
      nWith: arms.with.n,
      nWithout: arms.without.n,
      successesWith: arms.with.successes,
      successesWithout: arms.without.successes,
      meanWith: arms.with.mean,
      meanWithout: arms.without.mean,
      pMarginal,
      qMarginal: qMarginal[i] ?? null,
      pStratified: stratified.pValue,
      qStratified: qStratified[i] ?? null,
      oddsRatioMh: stratified.oddsRatio,
      informativeStrata: stratified.informativeStrata,
      logE: null,
      status: entry?.status ?? 'candidate',
      reason: entry === undefined ? 'not tested at a look yet' : entry.reason,
    };
  });
}

function benjaminiHochbergWhereKnown(pValues: readonly (number | null)[]): (number | null)[] {
  const qValues = benjaminiHochberg(pValues.filter((p) => p !== null));
  let next = 0;
  return pValues.map((p) => (p === null ? null : (qValues[next++] ?? null)));
}
