import type { EffectElsewhere } from '../../model/pattern';
import { hasBit } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import { shownIn } from './differences-shown';
import type { Member } from '../look/member';
import type { OutcomeColumn } from '../units/outcome-column';
import type { Workbench } from '../comparison/workbench';

/**
 * The effect of a finding's head in every other dimension, compared as it is in its own: what a choice costs beside
 * what it gains. Dimensions in which nothing can be compared are left out.
 */
export function effectsElsewhere(
  { candidate, column: own, comparison }: Member,
  columns: readonly OutcomeColumn[],
  bench: Workbench,
): EffectElsewhere[] {
  return columns
    .filter(({ dimension }) => dimension !== own.dimension)
    .flatMap((column): EffectElsewhere[] => {
      const { effect, interval, pValue, reason } = bench.score(
        candidate,
        withoutGuard(column),
        comparison,
      );
      if (effect === null || interval === null || reason !== null) return [];
      const shown = shownIn(column);
      return [
        {
          dimension: column.dimension,
          measure: column.guard === undefined ? effect.measure : 'relative_change',
          estimate: shown(effect.estimate),
          interval: { lower: shown(interval.lower), upper: shown(interval.upper) },
          pValue,
          runs: countCompared(candidate, column),
        },
      ];
    });
}

function countCompared({ within }: Candidate, { values, known }: OutcomeColumn): number {
  if (within === null) return known;
  let count = 0;
  values.forEach((value, position) => {
    if (!Number.isNaN(value) && hasBit(within, position)) count += 1;
  });
  return count;
}

const plain = new WeakMap<OutcomeColumn, OutcomeColumn>();

/** What is spent by itself, whatever the outcome; one object a column, since frames are kept by it. */
function withoutGuard(column: OutcomeColumn): OutcomeColumn {
  if (column.guard === undefined) return column;
  const { dimension, values, binary, known, successThreshold } = column;
  const made = plain.get(column) ?? { dimension, values, binary, known, successThreshold };
  plain.set(column, made);
  return made;
}
