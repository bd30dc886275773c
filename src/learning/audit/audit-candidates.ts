import type { CandidateEvidence } from '../../model/pattern';
import { benjaminiHochberg, cmhTest, fisherExact } from '../../stats';
import type { Candidate } from '../candidates/candidate';
import { flagsOf } from '../candidates/flags';
import type { OutcomeColumn } from '../units/outcome-column';
import type { Registration } from '../look/registry';
import { countTables, summariseArms } from '../comparison/sample';
import type { StratumKey } from '../units/stratum-keys';
import type { Workbench } from '../comparison/workbench';

/** What the ledger knows of a candidate. */
export interface History {
  readonly registration: Registration | undefined;
  /** Why it knows nothing. */
  readonly untested: string;
}

/**
 * Every candidate with its marginal and its stratified evidence, whatever was promoted.
 *
 * Marginal: two-sided Fisher on success against failure. Stratified by the keys asked for: CMH with
 * continuity correction .5; without keys the test under the registered strata, as a look runs it. Both
 * are corrected by Benjamini-Hochberg over the candidates given, the stratified one over those where it
 * exists.
 */
export function auditCandidates(
  candidates: readonly Candidate[],
  column: OutcomeColumn,
  by: readonly StratumKey[],
  historyOf: (candidate: Candidate) => History,
  bench: Workbench,
): CandidateEvidence[] {
  const tested = candidates.map((candidate) => {
    const { registration, untested } = historyOf(candidate);
    const everywhere = bench.strataOf([], candidate);
    const [marginal = { a: 0, b: 0, c: 0, d: 0 }] = countTables(candidate, column, everywhere);
    return {
      candidate,
      status: registration?.last.status ?? 'candidate',
      reason: registration === undefined ? untested : registration.last.reason,
      arms: summariseArms(candidate, column, everywhere, bench.table.weights),
      pMarginal: fisherExact(marginal).pValue,
      stratified:
        by.length > 0
          ? stratifiedBy(by, candidate, column, bench)
          : asCompared(candidate, column, bench),
    };
  });
  const qMarginal = benjaminiHochberg(tested.map(({ pMarginal }) => pMarginal));
  const qStratified = adjustWhereKnown(tested.map(({ stratified }) => stratified.pValue));
  return tested.map(({ candidate, arms, pMarginal, stratified, status, reason }, i) => ({
    predicate: candidate.predicate,
    flags: flagsOf(candidate),
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
    status,
    reason,
  }));
}

interface Stratified {
  readonly pValue: number | null;
  readonly oddsRatio: number | null;
  readonly informativeStrata: number;
}

function stratifiedBy(
  by: readonly StratumKey[],
  candidate: Candidate,
  column: OutcomeColumn,
  bench: Workbench,
): Stratified {
  const strata = bench.strataOf(by, candidate);
  return cmhTest(countTables(candidate, column, strata), { continuity: true });
}

function asCompared(candidate: Candidate, column: OutcomeColumn, bench: Workbench): Stratified {
  const comparison = bench.comparisonOf(candidate);
  const { pValue, oddsRatio, strata, reason } = bench.score(candidate, column, comparison);
  return {
    pValue: reason === null ? pValue : null,
    oddsRatio,
    informativeStrata: strata.informative,
  };
}

function adjustWhereKnown(pValues: readonly (number | null)[]): (number | null)[] {
  const qValues = benjaminiHochberg(pValues.filter((p) => p !== null));
  let next = 0;
  return pValues.map((p) => (p === null ? null : (qValues[next++] ?? null)));
}
