import { normalQuantile } from '../../stats';
import { hasBit } from '../units/bitset';
import { groupCodes } from '../units/group-codes';
import type { Member } from '../look/member';
import type { Workbench } from '../comparison/workbench';

const plannedPower = 0.8;
/** Nothing is said of more than so many times the runs that there are. */
const mostGrowth = 1_000;

/**
 * Further runs, at the present mix, until an effect of the size seen is found with probability .8. The test's z² grows
 * with what is left of the runs after their groups' means and the cells are taken out, so the groups that are to come
 * matter: tasks of a fixed set return ever more often, in production new ones keep coming.
 *
 * @param level - that one test must reach
 */
export function runsNeeded(member: Member, level: number, bench: Workbench): number {
  const { score } = member;
  const wanted = normalQuantile(1 - level / 2) + normalQuantile(plannedPower);
  const reached = score.df === 1 ? score.statistic : null;
  const growth = wanted ** 2 / (reached ?? normalQuantile(1 - score.pValue / 2) ** 2);
  const mix = mixOf(member, bench);
  const enough = growth * mix.informationAt(mix.runs);
  let [low, high] = [mix.runs, 2 * mix.runs];
  while (mix.informationAt(high) < enough && high < mostGrowth * mix.runs) high *= 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (mix.informationAt(middle) >= enough) high = middle;
    else low = middle;
  }
  return Math.max(1, high - mix.runs);
}

interface Mix {
  /** Runs that the test saw. */
  readonly runs: number;
  /** Runs, of so many, that are free to vary. */
  informationAt(runs: number): number;
}

function mixOf({ candidate, column, comparison }: Member, bench: Workbench): Mix {
  const { table, settings } = bench;
  const members = Uint8Array.from(table.units, ({ replication }, i) => {
    const isKnown = !Number.isNaN(column.values[i] ?? NaN);
    const isWithin = candidate.within === null || hasBit(candidate.within, i);
    return isKnown && isWithin && (comparison.rule !== 'unrepeated' || replication === 0) ? 1 : 0;
  });
  const runs = members.reduce((sum, member) => sum + member, 0);
  // Between tasks the tasks count, and those come as they did.
  if (comparison.rule === 'task_means') return { runs, informationAt: (count) => count };
  const codes = groupCodes(comparison.groups, table, members, settings);
  const groups = countGroups(codes, runs);
  const { rank } =
    comparison.rule === 'randomised'
      ? { rank: 0 }
      : bench.frameOf(comparison, candidate, column).adjustment;
  return {
    runs,
    informationAt: (count) => count * (1 - rank / runs) - groups.expectedAt(count),
  };
}

interface Groups {
  expectedAt(runs: number): number;
}

/**
 * Groups grow as they did: where the second half of the runs brought fewer new ones than the first, every further half
 * brings fewer by the same factor, as with tasks drawn from a fixed set.
 */
function countGroups(codes: Int32Array, runs: number): Groups {
  const half = runs / 2;
  const known = new Set<number>();
  let [seen, early] = [0, 0];
  for (const code of codes) {
    if (code < 0) continue;
    known.add(code);
    seen += 1;
    if (seen <= half) early = known.size;
  }
  const late = known.size - early;
  const decay = Math.min(1, late / Math.max(1, early));
  return {
    expectedAt(count) {
      const halves = (count - runs) / half;
      const sum = decay === 1 ? halves : (decay * (1 - decay ** halves)) / (1 - decay);
      return known.size + late * sum;
    },
  };
}
