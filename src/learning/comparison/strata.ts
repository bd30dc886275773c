import { hasBit, type Bitset } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import { groupCodes } from '../units/group-codes';
import type { LearningSettings } from '../units/learning-settings';
import type { StratumKey } from '../units/stratum-keys';
import type { UnitTable } from '../units/unit-table';

/** Strata of units: a code per unit, -1 for a unit that is left out. */
export interface StratumCodes {
  readonly codes: Int32Array;
  readonly count: number;
}

/** Strata by keys of a candidate's units; those of all units are made once. */
export function createStratifier(
  table: UnitTable,
  settings: LearningSettings,
): (keys: readonly StratumKey[], candidate: Candidate) => StratumCodes {
  const known = new Map<string, StratumCodes>();
  return (keys, candidate) => {
    const context = candidate.within === null ? '' : candidate.contextText;
    const name = JSON.stringify([keys, context]);
    const strata = known.get(name) ?? stratify(keys, table, candidate.within, settings);
    known.set(name, strata);
    return strata;
  };
}

/** Groups the units of a domain (`null` = all) by keys. */
function stratify(
  keys: readonly StratumKey[],
  table: UnitTable,
  within: Bitset | null,
  settings: LearningSettings,
): StratumCodes {
  const members = Uint8Array.from(table.units, (_, i) =>
    within === null || hasBit(within, i) ? 1 : 0,
  );
  const codes = groupCodes(keys, table, members, settings);
  return { codes, count: codes.reduce((most, code) => Math.max(most, code + 1), 0) };
}
