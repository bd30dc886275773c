import type { CandidateEvidence } from '../model/pattern';
import type { MarginalFinding, OpenQuestion, Review } from '../model/learned';
import { normalQuantile } from '../stats';
import { auditCandidates } from './audit-candidates';
import { generateCandidates } from './candidates';
import type { LearningSettings } from './learning-settings';
import { outcomeColumn } from './outcome-column';
import { patternIdOf, type Registry } from './registry';
import { strataText } from './strata';
import { testFamily, type Finding } from './test-family';
import type { UnitTable } from './unit-table';
import { createWorkbench } from './workbench';

const marginalLevel = 0.05;
const deadFrom = 0.05;
/** Above this p-value there is no sign of an effect to ask about. */
const openBelow = 0.2;
const plannedPower = 0.8;

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
  const columns = settings.dimensions.map((name) => outcomeColumn(table, name, settings));
  const family = testFamily(candidates, columns, registry, alpha, bench);
  const reviewed = columns.flatMap((column) => {
    const findings = family.findings.filter((finding) => finding.column === column);
    const evidence = auditCandidates(
      findings.map(({ candidate }) => candidate),
      column,
      [],
      (candidate) => ({
        registration: registry.get(patternIdOf(candidate, column.dimension)),
        untested: 'not tested at a look yet',
      }),
      bench,
    );
    return findings.flatMap((finding, i) => {
      const found = evidence[i];
      return found === undefined ? [] : [{ finding, evidence: found }];
    });
  });
  return {
    marginalFindings: marginalFindings(reviewed).slice(0, limit),
    notYetKnown: openQuestions(reviewed, alpha, alpha / Math.max(1, family.tested)).slice(0, limit),
  };
}

interface Reviewed {
  readonly finding: Finding;
  readonly evidence: CandidateEvidence;
}

function marginalFindings(reviewed: readonly Reviewed[]): MarginalFinding[] {
  return reviewed
    .filter(({ evidence }) => (evidence.qMarginal ?? 1) < marginalLevel)
    .filter(({ finding }) => finding.score.pValue >= deadFrom)
    .sort((x, y) => (x.evidence.pMarginal ?? 1) - (y.evidence.pMarginal ?? 1))
    .map(({ finding, evidence }) => ({
      dimension: finding.column.dimension,
      evidence,
      strata: strataText(finding.plan),
      sentence: whyItDied(finding, evidence),
    }));
}

function whyItDied({ candidate, plan, score }: Finding, evidence: CandidateEvidence): string {
  const { successesWith, nWith, successesWithout, nWithout, pMarginal } = evidence;
  const seen =
    `${candidate.predicate.text} looks clear over all runs: ${successesWith} of ${nWith} succeed with it, ` +
    `${successesWithout} of ${nWithout} without (p ${(pMarginal ?? 1).toExponential(1)}).`;
  const strata = strataText(plan);
  if (score.reason !== null || score.effect === null) {
    return `${seen} Compared within ${strata} it cannot be told apart from what the strata differ in: ${score.reason ?? 'no stratum has both'}.`;
  }
  const cause =
    strata === 'task'
      ? 'it goes with the kind of task, not with success at a task'
      : `it goes with ${strata}, not with success within it`;
  return `${seen} Within ${strata} the difference is ${score.effect.estimate.toFixed(3)} (p ${score.pValue.toFixed(2)}): ${cause}.`;
}

/** z of an effect grows with the root of the runs, which gives the runs that lift it to the bar. */
function openQuestions(
  reviewed: readonly Reviewed[],
  alpha: number,
  alphaOfOneTest: number,
): OpenQuestion[] {
  const bar = normalQuantile(1 - alphaOfOneTest / 2) + normalQuantile(plannedPower);
  return reviewed
    .filter(({ finding }) => finding.qValue !== null && finding.qValue > alpha)
    .filter(({ finding }) => finding.score.pValue < openBelow)
    .sort((x, y) => x.finding.score.pValue - y.finding.score.pValue)
    .map(({ finding, evidence }) => {
      const runs = evidence.nWith + evidence.nWithout;
      const reached = normalQuantile(1 - finding.score.pValue / 2);
      const runsNeeded = Math.max(1, Math.ceil(runs * ((bar / reached) ** 2 - 1)));
      const difference = finding.score.effect?.estimate.toFixed(3) ?? 'unknown';
      return {
        dimension: finding.column.dimension,
        evidence,
        strata: strataText(finding.plan),
        runsNeeded,
        sentence: `${evidence.predicate.text}: difference ${difference} (p ${finding.score.pValue.toPrecision(2)}), not settled by ${runs} runs; about ${runsNeeded} more would find an effect of this size.`,
      };
    });
}
