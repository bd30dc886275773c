import { countBits, bitsetOf } from '../units/bitset';
import { requiredSupport, type LearningSettings } from '../units/learning-settings';
import { binnedNumbers, frequentLevels } from '../candidates/quantised-terms';
import type { UnitTable } from '../units/unit-table';

/** One knob as columns: a 0/1 column per level with support, by unit position. */
export interface SettingColumns {
  readonly key: string;
  readonly columns: readonly Float64Array[];
}

/** All settings that vary enough to be freed of; the levels without support are one together. */
export function settingColumns(table: UnitTable, settings: LearningSettings): SettingColumns[] {
  const size = table.units.length;
  const least = requiredSupport(size, settings);
  return [...table.levels.values()]
    .filter(({ kind }) => kind === 'config')
    .map((levels) => {
      const numbers = table.numbers.get(`config:${levels.key}`);
      const bins = numbers === undefined ? [] : binnedNumbers(numbers, settings);
      const groups = bins.length > 0 ? bins : frequentLevels(levels, settings);
      const supported = groups.filter(({ positions }) => {
        const support = countBits(bitsetOf(positions, size));
        return support >= least && size - support >= least;
      });
      return {
        key: levels.key,
        columns: supported.map(({ positions }) => column(positions, size)),
      };
    })
    .filter(({ columns }) => columns.length > 0)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function column(positions: readonly number[], size: number): Float64Array {
  const values = new Float64Array(size);
  for (const position of positions) values[position] = 1;
  return values;
}
