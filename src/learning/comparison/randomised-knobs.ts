import { attributeText } from '../../model/attributes';
import { getOrMake } from '../units/get-or-make';
import type { UnitTable } from '../units/unit-table';

const sameProbability = 1e-9;

/**
 * Knobs that were drawn at random in every run, each value always with the same logged probability. Where the
 * probability of a value changes over time or by context, draws and outcomes may share a cause, and the knob is
 * treated like anything observed. So it is where some runs of a type of task and agent were not drawn at all (an
 * experiment that began later), or where its values have more than one in probability there, since some of them were
 * not to be had in each run (prompts that were replaced by others).
 */
export function findRandomisedKnobs({ units }: UnitTable): ReadonlySet<string> {
  const refuted = new Set<string>();
  const probabilities = new Map<string, number>();
  const strata = new Map<string, Stratum>();
  for (const { config, propensities, taskType, agentId } of units) {
    const stratum = getOrMake(strata, JSON.stringify([taskType, agentId]), emptyStratum);
    stratum.units += 1;
    for (const [knob, value] of Object.entries(config ?? {})) {
      if (refuted.has(knob)) continue;
      const probability = propensityOf(propensities, knob);
      const text = attributeText(value);
      const known = getOrMake(probabilities, JSON.stringify([knob, text]), () => probability);
      const steady = Math.abs(known - probability) <= sameProbability;
      if (!(steady && probability > 0 && probability < 1)) refuted.add(knob);
      const draws = getOrMake(stratum.draws, knob, noDraws);
      draws.units += 1;
      draws.values.set(text, probability);
    }
  }
  const randomised = new Set<string>();
  for (const { units: all, draws } of strata.values()) {
    for (const [knob, { units: drawn, values }] of draws) {
      const sum = [...values.values()].reduce((total, value) => total + value, 0);
      if (drawn === all && sum <= 1 + sameProbability) randomised.add(knob);
      else refuted.add(knob);
    }
  }
  return new Set([...randomised].filter((knob) => !refuted.has(knob)));
}

/** Runs of one type of task and agent. */
interface Stratum {
  units: number;
  readonly draws: Map<string, Draws>;
}

interface Draws {
  units: number;
  /** Logged probability of each value seen. */
  readonly values: Map<string, number>;
}

const emptyStratum = (): Stratum => ({ units: 0, draws: new Map() });
const noDraws = (): Draws => ({ units: 0, values: new Map() });

/** NaN where none was logged, which equals nothing. */
function propensityOf(propensities: Readonly<Record<string, number>> | null, knob: string): number {
  return propensities !== null && Object.hasOwn(propensities, knob)
    ? (propensities[knob] ?? NaN)
    : NaN;
}
