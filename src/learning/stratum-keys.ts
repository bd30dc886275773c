import type { PredicateTerm } from '../model/pattern';
import type { Unit, UnitTable } from './unit-table';

/** What units may be grouped by. */
export type StratumKey = 'task' | 'task.type' | 'agent' | 'epoch';

/**
 * The strata a term may not be tested within (LEARNING 3): the attribute it tests, and any function
 * of it, that is a stratum that every level of the attribute settles.
 */
export function fixedStrata(term: PredicateTerm, table: UnitTable): StratumKey[] {
  if (term.kind === 'agent') return ['agent'];
  if (term.kind !== 'attr' && term.kind !== 'config') return [];
  const own: StratumKey[] = [];
  if (term.key === 'task.type' || isSettled(term, table, (unit) => unit.taskType)) {
    own.push('task.type');
  }
  if (term.key.startsWith('agent.') || isSettled(term, table, (unit) => unit.agentId)) {
    own.push('agent');
  }
  return own;
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
