import { attributeText } from '../model/attributes';
import type { UnitTable } from './unit-table';

const sameProbability = 1e-9;

/**
 * Knobs that were drawn at random in every run that carries them, each value always with the same
 * logged probability. Where the probability of a value changes over time or by context, draws and
 * outcomes may share a cause, and the knob is treated like anything observed.
 */
export function findRandomisedKnobs({ units }: UnitTable): ReadonlySet<string> {
  const randomised = new Set<string>();
  const refuted = new Set<string>();
  const probabilities = new Map<string, number>();
  for (const { config, propensities } of units) {
    for (const [knob, value] of Object.entries(config ?? {})) {
      if (refuted.has(knob)) continue;
      const probability = propensityOf(propensities, knob);
      const draw = JSON.stringify([knob, attributeText(value)]);
      const known = probabilities.get(draw) ?? probability;
      probabilities.set(draw, known);
      const steady = Math.abs(known - probability) <= sameProbability;
      if (steady && probability > 0 && probability < 1) randomised.add(knob);
      else refuted.add(knob);
    }
  }
  return new Set([...randomised].filter((knob) => !refuted.has(knob)));
}

/** NaN where none was logged, which equals nothing. */
function propensityOf(propensities: Readonly<Record<string, number>> | null, knob: string): number {
  return propensities !== null && Object.hasOwn(propensities, knob)
    ? (propensities[knob] ?? NaN)
    : NaN;
}
