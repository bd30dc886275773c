import { benjaminiHochberg } from '../../stats';
import type { Member } from './member';

type Listed = Pick<Member, 'candidate' | 'column'>;

/**
 * What people read as one list: of one dimension the settings, what was given before the runs (agents, task
 * attributes), or what happened in them.
 */
function listOf({ candidate, column }: Listed): string {
  const { controllable, preTreatment } = candidate;
  const what = controllable ? 'settings' : preTreatment ? 'given' : 'behaviours';
  return JSON.stringify([column.dimension, what]);
}

export function groupByList<T>(items: readonly T[], memberOf: (item: T) => Listed): T[][] {
  const lists = new Map<string, T[]>();
  for (const item of items) {
    const name = listOf(memberOf(item));
    lists.set(name, [...(lists.get(name) ?? []), item]);
  }
  return [...lists.values()];
}

/**
 * q-values of a family with ranks counted within each list: Benjamini-Hochberg at alpha·M_l/M in a list of M_l.
 * The false discovery rate of list l is at most alpha·M_l/M, and since V/R <= Σ V_l/R_l that of all together alpha.
 * Ranks over the whole family would let what is true in one list (that one agent is better) lower the bar of another.
 */
export function qValuesByList(members: readonly Member[]): ReadonlyMap<Member, number> {
  const lists = groupByList(members, (member) => member);
  return new Map(
    lists.flatMap((list) => {
      const qValues = benjaminiHochberg(
        list.map(({ pValue }) => pValue),
        members.length,
      );
      return list.map((member, i) => [member, qValues[i] ?? 1] as const);
    }),
  );
}
