import type { CandidateEvidence } from '../model/pattern';
import type { MarginalFinding, OpenQuestion, Review } from '../model/learned';
import { auditCandidates } from './audit-candidates';
import { generateCandidates } from './candidates';
import type { LearningSettings } from './learning-settings';
import { dimensionsOf, outcomeColumn } from './outcome-column';
import { comparisonText } from './comparison';
import type { Candidate } from './candidate';
import { testMembers } from './family';
import { withinOne } from './differences-shown';
import type { Member } from './member';
import { phiOf } from './merge-findings';
import type { Registry } from './registry';
import { runsNeeded } from './runs-needed';
import type { UnitTable } from './unit-table';
import { createWorkbench, type Workbench } from './workbench';

const marginalLevel = 0.05;
const deadFrom = 0.05;
/** Above this p-value there is no sign of an effect to ask about. */
const openBelow = 0.2;
/** As findings are merged. */
const sameAs = 0.95;

/**
 * What a naive reading would report and the registered comparison does not (marginal q below .05,
 * registered p at .05 or more), and the strongest of what is still open. It reads the same evidence
 * as a look but promotes nothing and is not a test of its own.
 */
export function reviewFamily(
  table: UnitTable,
  registry: Registry,
  alpha: number,
  settings: LearningSettings,
  limit: number,
): Review {
  const bench = createWorkbench(table, settings);
  const candidates = generateCandidates(table, settings);
  const columns = dimensionsOf(table, settings).map((name) => outcomeColumn(table, name, settings));
  const members = testMembers(candidates, columns, bench);
  const familySize = members.filter(({ unadjusted }) => !unadjusted).length;
  const reviewed = columns.flatMap((column) => {
    const tested = members.filter((member) => member.column === column);
    const evidence = auditCandidates(
      tested.map(({ candidate }) => candidate),
      column,
      [],
      (candidate) => ({
        registration: registry.get(idOf(tested, candidate)),
        untested: 'not tested at a look yet',
      }),
      bench,
    );
    return tested.flatMap((member, i) => {
      const found = evidence[i];
      return found === undefined ? [] : [{ member, evidence: found }];
    });
  });
  return {
    marginalFindings: marginalFindings(reviewed).slice(0, limit),
    notYetKnown: openQuestions(reviewed, alpha / Math.max(1, familySize), limit, bench),
  };
}

interface Reviewed {
  readonly member: Member;
  readonly evidence: CandidateEvidence;
}

function idOf(members: readonly Member[], candidate: Candidate): string {
  return members.find((member) => member.candidate === candidate)?.id ?? '';
}

function marginalFindings(reviewed: readonly Reviewed[]): MarginalFinding[] {
  return reviewed
    .filter(({ evidence }) => (evidence.qMarginal ?? 1) < marginalLevel)
    .filter(({ member }) => member.score.pValue >= deadFrom)
    .sort((x, y) => (x.evidence.pMarginal ?? 1) - (y.evidence.pMarginal ?? 1))
    .map(({ member, evidence }) => ({
      dimension: member.column.dimension,
      evidence,
      strata: comparisonText(member.comparison),
      sentence: whyItDied(member, evidence),
    }));
}

function whyItDied(
  { candidate, column, comparison, score }: Member,
  evidence: CandidateEvidence,
): string {
  const { successesWith, nWith, successesWithout, nWithout, pMarginal } = evidence;
  const succeed = column.dimension === 'reward' ? 'succeed' : `do well in ${column.dimension}`;
  const seen =
    `${candidate.predicate.text} looks clear over all runs: ${successesWith} of ${nWith} ${succeed} with it, ` +
    `${successesWithout} of ${nWithout} without (p ${(pMarginal ?? 1).toExponential(1)}).`;
  const strata = comparisonText(comparison);
  if (score.reason !== null || score.effect === null) {
    return `${seen} Compared within ${strata} it cannot be told apart from what the strata differ in: ${score.reason ?? 'no stratum has both'}.`;
  }
  if (score.pValue < openBelow) {
    return `${seen} Within ${strata} the difference is ${withinOne(score.effect.estimate).toFixed(3)} (p ${score.pValue.toFixed(2)}): these runs do not tell whether it goes with success there.`;
  }
  const cause = comparison.groups.includes('task')
    ? 'it goes with the kind of task, not with success at a task'
    : `it goes with ${strata}, not with success within it`;
  return `${seen} Within ${strata} the difference is ${withinOne(score.effect.estimate).toFixed(3)} (p ${score.pValue.toFixed(2)}): ${cause}.`;
}

function openQuestions(
  reviewed: readonly Reviewed[],
  alphaOfOneTest: number,
  limit: number,
  bench: Workbench,
): OpenQuestion[] {
  return reviewed
    .filter(({ member }) => member.objection === null && !member.unadjusted)
    .filter(({ member }) => member.score.pValue < openBelow && member.score.pValue > alphaOfOneTest)
    .sort((x, y) => x.member.score.pValue - y.member.score.pValue)
    .filter(isFirstToSaySo)
    .slice(0, limit)
    .map(({ member, evidence }) => {
      const runs = evidence.nWith + evidence.nWithout;
      const more = runsNeeded(member, alphaOfOneTest, bench);
      const difference = member.score.effect?.estimate.toFixed(3) ?? 'unknown';
      return {
        dimension: member.column.dimension,
        evidence,
        strata: comparisonText(member.comparison),
        runsNeeded: more,
        sentence: `${evidence.predicate.text}: difference in ${member.column.dimension} ${difference} (p ${member.score.pValue.toPrecision(2)}), not settled by ${runs} runs; about ${more} more would find an effect of this size.`,
      };
    });
}

/** Of what names the same runs, or all the others, the first alone is a question. */
function isFirstToSaySo({ member }: Reviewed, i: number, all: readonly Reviewed[]): boolean {
  const { candidate, column } = member;
  const units = column.values.length;
  return !all
    .slice(0, i)
    .some(
      ({ member: earlier }) =>
        earlier.column === column && Math.abs(phiOf(earlier.candidate, candidate, units)) > sameAs,
    );
}
