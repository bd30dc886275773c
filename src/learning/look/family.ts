import { createAttainable } from './attainable';
import type { Candidate } from '../candidates/candidate';
import type { Member } from './member';
import { findObjections } from './objections';
import type { OutcomeColumn } from '../units/outcome-column';
import { patternIdOf } from './registry';
import type { Workbench } from '../comparison/workbench';

/** Tests every candidate in every dimension, objections first. */
export function testMembers(
  candidates: readonly Candidate[],
  columns: readonly OutcomeColumn[],
  bench: Workbench,
): Member[] {
  const attainableP = createAttainable(bench);
  return columns.flatMap((column) => {
    const drafts = candidates.filter(isTestedIn(column)).map((candidate) => {
      const comparison = bench.comparisonOf(candidate);
      return {
        id: patternIdOf(candidate, column.dimension, comparison),
        candidate,
        column,
        comparison,
        score: bench.score(candidate, column, comparison),
        unadjusted: comparison.rule === 'unrepeated' && !candidate.preTreatment,
      };
    });
    const judged = findObjections(drafts, column, bench);
    return drafts.map((draft, i) => {
      const { objection, pValue } = judged[i] ?? { objection: null, pValue: 1 };
      return { ...draft, objection, pValue, attainableP: attainableP(draft) };
    });
  });
}

/** What runs spend is tested for settings alone: a behaviour that spends less is no news. */
function isTestedIn({ guard }: OutcomeColumn): (candidate: Candidate) => boolean {
  return ({ controllable, within }) => guard === undefined || (controllable && within === null);
}
