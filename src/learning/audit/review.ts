import type { CandidateEvidence } from '../../model/pattern';
import type { MarginalFinding, OpenQuestion, Review } from '../../model/learned';
import { auditCandidates } from './audit-candidates';
import { generateCandidates } from '../candidates/candidates';
import type { LearningSettings } from '../units/learning-settings';
import { dimensionsOf, outcomeColumn, spentColumns } from '../units/outcome-column';
import { comparisonText } from '../comparison/comparison';
import type { Candidate } from '../candidates/candidate';
import { testMembers } from '../look/family';
import { judgeFamily } from '../look/judge-family';
import { withinOne } from '../findings/differences-shown';
import type { Member } from '../look/member';
import { findOpen, openBelow } from '../findings/open-questions';
import type { Registry } from '../look/registry';
import type { UnitTable } from '../units/unit-table';
import { createWorkbench, type Workbench } from '../comparison/workbench';

const marginalLevel = 0.05;
const deadFrom = 0.05;

/**
 * What a naive reading would report and the registered comparison does not (marginal q below .05,
 * registered p at .05 or more), and the strongest of what is still open. It reads the same evidence
 * as a look but promotes nothing and is not a test of its own.
 */
export function reviewFamily(
  table: UnitTable,
  registry: Registry,
  look: { readonly number: number; readonly alpha: number },
  settings: LearningSettings,
  limit: number,
): Review {
  const bench = createWorkbench(table, settings);
  const candidates = generateCandidates(table, settings);
  const columns = dimensionsOf(table, settings).map((name) => outcomeColumn(table, name, settings));
  const [primary] = columns;
  const spent = primary === undefined ? [] : spentColumns(table, primary, settings);
  const members = testMembers(candidates, [...columns, ...spent], bench);
  const lifetimeAlpha = settings.alpha;
  const { verdicts, familySize } = judgeFamily(
    members,
    registry,
    { ...look, lifetimeAlpha },
    bench,
  );
  const isFinding = ({ member }: Reviewed): boolean =>
    (verdicts.get(member)?.finding ?? null) !== null;
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
    // As `learn` says it: what a finding stands for is no open question.
    notYetKnown: openQuestions(
      reviewed.filter((each) => !isFinding(each)),
      look.alpha / Math.max(1, familySize),
      limit,
      bench,
    ),
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
  const evidenceOf = new Map(reviewed.map(({ member, evidence }) => [member, evidence] as const));
  const members = reviewed.map(({ member }) => member);
  return findOpen(members, alphaOfOneTest, limit, bench).flatMap(({ member, ...question }) => {
    const evidence = evidenceOf.get(member);
    return evidence === undefined ? [] : [{ ...question, evidence }];
  });
}
