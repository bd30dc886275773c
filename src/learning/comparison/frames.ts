import { createAdjustment, type Adjustment, type TaskVariance } from '../../stats';
import { hasBit, type Bitset } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import { comparisonText, type Comparison } from './comparison';
import { getOrMake } from '../units/get-or-make';
import { groupCodes } from '../units/group-codes';
import type { LearningSettings } from '../units/learning-settings';
import type { OutcomeColumn } from '../units/outcome-column';
import { settingColumns, type SettingColumns } from './setting-columns';
import type { UnitTable } from '../units/unit-table';

/** Everything that candidates with one comparison share, for one outcome column. */
export interface Frame {
  readonly adjustment: Adjustment;
  /** The outcome, freed. */
  readonly y: Float64Array;
  /** Of comparisons by task means. */
  readonly tasks: TaskVariance | undefined;
  /** Knobs it is freed of. */
  readonly freedOf: readonly SettingColumns[];
  /** The same before the knobs were taken out. */
  readonly beforeSettings: Adjustment;
}

/** Makes frames and keeps them: most candidates of a look share a few. */
export interface Frames {
  frameOf(comparison: Comparison, candidate: Candidate, column: OutcomeColumn): Frame;
}

export function createFrames(table: UnitTable, settings: LearningSettings): Frames {
  const knobs = settingColumns(table, settings);
  const bases = new Map<string, Adjustment>();
  const frames = new Map<string, Frame>();
  const columnNumbers = new Map<OutcomeColumn, number>();
  return {
    frameOf(comparison, candidate, column) {
      const number = columnNumbers.get(column) ?? columnNumbers.size;
      columnNumbers.set(column, number);
      const context = candidate.within === null ? '' : candidate.contextText;
      const { groups, cells, ownKnobs } = comparison;
      const base = JSON.stringify([comparisonText(comparison), groups, cells, number, context]);
      const others = knobs.filter(({ key }) => !ownKnobs.includes(key));
      const own = JSON.stringify([base, others.map(({ key }) => key)]);
      return getOrMake(frames, own, () => {
        const beforeSettings = getOrMake(bases, base, () =>
          adjustmentOf(comparison, candidate.within, column, table, settings),
        );
        const adjustment = beforeSettings.freedOf(others.flatMap(({ columns }) => columns));
        return {
          adjustment,
          y: adjustment.residuals(column.values),
          tasks: comparison.rule === 'task_means' ? tasksOf(adjustment, table) : undefined,
          freedOf: others,
          beforeSettings,
        };
      });
    },
  };
}

function adjustmentOf(
  { rule, groups, cells }: Comparison,
  within: Bitset | null,
  column: OutcomeColumn,
  table: UnitTable,
  settings: LearningSettings,
): Adjustment {
  const members = Uint8Array.from(table.units, (unit, i) =>
    !Number.isNaN(column.values[i] ?? NaN) &&
    (within === null || hasBit(within, i)) &&
    (rule !== 'unrepeated' || unit.replication === 0)
      ? 1
      : 0,
  );
  return createAdjustment({
    groups: groupCodes(groups, table, members, settings),
    cells: cells.length === 0 ? null : groupCodes(cells, table, members, settings),
  });
}

function tasksOf({ units, groupSize }: Adjustment, { taskCodes }: UnitTable): TaskVariance {
  const known = new Map<number, number>();
  const taskOf = Int32Array.from(units, (position) => {
    const code = taskCodes[position] ?? -1;
    const number = known.get(code) ?? known.size;
    known.set(code, number);
    return number;
  });
  return { taskOf, tasks: known.size, strata: groupSize.length };
}
