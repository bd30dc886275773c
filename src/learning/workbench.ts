import { emptyBitset, addBit, difference, type Bitset } from './bitset';
import type { Candidate } from './candidate';
import { ConfidenceScorer, type ConfidenceScore } from './confidence-scorer';
import type { LearningSettings } from './learning-settings';
import type { OutcomeColumn } from './outcome-column';
import { findRandomisedKnobs } from './randomised-knobs';
import type { Registration } from './registry';
import { sampleRuns, sampleTasks } from './sample';
import {
  chooseStrata,
  createStratifier,
  parseStrata,
  type StrataPlan,
  type StratumCodes,
} from './strata';
import type { StratumKey } from './stratum-keys';
import type { UnitTable } from './unit-table';

/** Everything that the tests of one look share. */
export interface Workbench {
  readonly table: UnitTable;
  readonly settings: LearningSettings;
  /** The plan that was registered, else the one to register now. */
  planOf(candidate: Candidate, registration: Registration | undefined): StrataPlan;
  strataOf(plan: StrataPlan, candidate: Candidate): StratumCodes;
  /** The fixed-look test of a candidate under a plan; `level` of its interval, .95 unless told. */
  score(
    candidate: Candidate,
    column: OutcomeColumn,
    plan: StrataPlan,
    level?: number,
  ): ConfidenceScore;
  /** The same outside an interaction's context. */
  outsideContext(interaction: Candidate, knob: Candidate): Candidate;
}

export function createWorkbench(table: UnitTable, settings: LearningSettings): Workbench {
  const strataOf = createStratifier(table, settings);
  const randomisedKnobs = findRandomisedKnobs(table);
  const everything = allUnits(table.units.length);
  return {
    table,
    settings,
    planOf: (candidate, registration) =>
      registration === undefined
        ? chooseStrata(candidate, table, randomisedKnobs)
        : parseStrata(registration.strata),
    strataOf,
    score(candidate, column, plan, level = 0.95) {
      const strata = strataOf(plan, candidate);
      const sample =
        plan.unit === 'task'
          ? sampleTasks(candidate, column, strata, table)
          : sampleRuns(candidate, column, strata);
      return new ConfidenceScorer({ minSupport: settings.minSupport, level }).score(sample);
    },
    outsideContext(interaction, knob) {
      const context = interaction.within ?? everything;
      return {
        ...knob,
        bits: difference(knob.bits, context),
        within: difference(everything, context),
        contextText: `not ${interaction.contextText}`,
      };
    },
  };
}

/** All units by one key, whatever is registered: for the reader's comparison, not for promotion. */
export function planBy(keys: readonly StratumKey[]): StrataPlan {
  return { by: keys, unit: 'run', firstReplicationOnly: false };
}

function allUnits(size: number): Bitset {
  const bits = emptyBitset(size);
  for (let i = 0; i < size; i += 1) addBit(bits, i);
  return bits;
}
