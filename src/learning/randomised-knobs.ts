import { valueText } from './predicate';
import type { Unit, UnitTable } from './unit-table';

const sameProbability = 1e-9;

/**
 * Whether a knob was drawn at random in every run that carries it, each value always with the same
 * logged probability. Where the probability of a value changes over time or by context, draws and
 * outcomes may share a cause, and the knob is treated like anything observed.
 */
export function knobIsRandomised(key: string, table: UnitTable): boolean {
  const probabilities = new Map<string, number>();
  for (const unit of table.units) {
    const value = ownValue(unit.config, key);
    if (value === undefined) continue;
    const probability = drawProbability(unit, key);
    if (probability === null) return false;
    const text = valueText(value);
    const known = probabilities.get(text) ?? probability;
    if (Math.abs(known - probability) > sameProbability) return false;
    probabilities.set(text, known);
  }
  return probabilities.size > 0;
}

function drawProbability({ propensities }: Unit, key: string): number | null {
  const probability = ownValue(propensities, key);
  return probability !== undefined && probability > 0 && probability < 1 ? probability : null;
}

function ownValue<T>(record: Readonly<Record<string, T>> | null, key: string): T | undefined {
  return record !== null && Object.hasOwn(record, key) ? record[key] : undefined;
}
