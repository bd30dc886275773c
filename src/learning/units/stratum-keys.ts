import type { PredicateTerm } from '../../model/pattern';
import { hasBit, type Bitset } from './bitset';
import type { Unit, UnitTable } from './unit-table';

/** What units may be grouped by. */
export type StratumKey = 'task' | 'task.type' | 'agent' | 'epoch';

/**
 * The strata a term may not be tested within (LEARNING 3): the attribute it tests, and any function
 * of it, that is a stratum that every level of the attribute settles. A knob's level that varies within
 * such a stratum (each agent has prompts of its own, two or more) is compared within it all the same:
 * between agents it would be credited with what the agent is.
 *
 * @param bits - the units that the term holds for
 */
export function fixedStrata(term: PredicateTerm, bits: Bitset, table: UnitTable): StratumKey[] {
  if (term.kind === 'agent') return ['agent'];
  if (term.kind !== 'attr' && term.kind !== 'config') return [];
  const isFixed = (valueOf: (unit: Unit) => string): boolean =>
    isSettled(term, table, valueOf) &&
    (term.kind === 'attr' || !variesWithin(bits, table, valueOf));
  const own: StratumKey[] = [];
  if (term.key === 'task.type' || isFixed((unit) => unit.taskType)) own.push('task.type');
  if (term.key.startsWith('agent.') || isFixed((unit) => unit.agentId)) own.push('agent');
  return own;
}

/** Whether some of the units of one value have the feature and others have not. */
function variesWithin(
  bits: Bitset,
  { units }: UnitTable,
  valueOf: (unit: Unit) => string,
): boolean {
  const known = new Map<string, boolean>();
  return units.some((unit, position) => {
    const value = valueOf(unit);
    const has = hasBit(bits, position);
    const first = known.get(value) ?? has;
    known.set(value, first);
    return first !== has;
  });
}

/** Whether every level of the term's attribute occurs with one value only of something that varies. */
function isSettled(
  { kind, key }: PredicateTerm,
  table: UnitTable,
  valueOf: (unit: Unit) => string,
): boolean {
  const levels = table.levels.get(`${kind}:${key}`)?.values.values() ?? [];
  const all = new Set<string>();
  for (const { positions } of levels) {
    const values = new Set<string>();
    for (const position of positions) {
      const unit = table.units[position];
      if (unit !== undefined) values.add(valueOf(unit));
    }
    if (values.size > 1) return false;
    for (const value of values) all.add(value);
  }
  return all.size > 1;
}
