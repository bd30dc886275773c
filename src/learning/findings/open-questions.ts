import type { OpenQuestion } from '../../model/learned';
import { countBits, countCommonBits } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import { comparisonText } from '../comparison/comparison';
import { withinOne } from './differences-shown';
import type { Member } from '../look/member';
import { phiOf } from '../look/merge-findings';
import { runsNeeded } from './runs-needed';
import type { Workbench } from '../comparison/workbench';

/** Above this p-value there is no sign of an effect to ask about. */
export const openBelow = 0.2;
/** As findings are merged. */
const sameAs = 0.95;

/**
 * What shows a sign of an effect that these runs cannot settle, the strongest first, each with the runs that would
 * find an effect of the size seen.
 *
 * @param level - that one test must reach
 */
export function findOpen(
  members: readonly Member[],
  level: number,
  limit: number,
  bench: Workbench,
): (Omit<OpenQuestion, 'evidence'> & { readonly member: Member })[] {
  return members
    .filter(({ objection, unadjusted, column }) => {
      return objection === null && !unadjusted && column.guard === undefined;
    })
    .filter(({ score }) => score.pValue < openBelow && score.pValue > level)
    .sort((x, y) => x.score.pValue - y.score.pValue)
    .filter(isFirstToSaySo)
    .slice(0, limit)
    .map((member) => {
      const { candidate, column, comparison, score } = member;
      const more = runsNeeded(member, level, bench);
      const difference =
        score.effect === null ? 'unknown' : withinOne(score.effect.estimate).toFixed(3);
      return {
        member,
        dimension: column.dimension,
        strata: comparisonText(comparison),
        runsNeeded: more,
        sentence: `${candidate.predicate.text}: difference in ${column.dimension} ${difference} (p ${score.pValue.toPrecision(2)}), not settled by ${column.known} runs; about ${more} more would find an effect of this size.`,
      };
    });
}

/** Of what names the same runs, or all the others, the first alone is a question. */
function isFirstToSaySo({ candidate, column }: Member, i: number, all: readonly Member[]): boolean {
  const units = column.values.length;
  return !all
    .slice(0, i)
    .some(
      (earlier) =>
        earlier.column === column &&
        (Math.abs(phiOf(earlier.candidate, candidate, units)) > sameAs ||
          isOppositeWithin(earlier.candidate, candidate)),
    );
}

/** Within one context the one is what the other is not: of all runs they share neither these nor those. */
function isOppositeWithin(x: Candidate, y: Candidate): boolean {
  if (x.within === null || x.contextText !== y.contextText) return false;
  return countCommonBits(x.bits, y.bits) === 0 && x.support + y.support === countBits(x.within);
}
