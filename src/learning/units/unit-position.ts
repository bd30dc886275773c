import type { UnitPosition } from '../../model/pattern';
import type { Unit } from './unit-table';

/** Where a unit stands in the order of learning: its place among those that are kept may change. */
export function positionOfUnit({ cut, startTimeUnixNano, id }: Unit): UnitPosition {
  return { ...(cut === 0 ? {} : { cut }), startTimeUnixNano, executionId: id };
}

export function isAfter(
  unit: Unit,
  { cut = 0, startTimeUnixNano, executionId }: UnitPosition,
): boolean {
  if (unit.cut !== cut) return unit.cut > cut;
  if (unit.startTimeUnixNano !== startTimeUnixNano) {
    return unit.startTimeUnixNano > startTimeUnixNano;
  }
  return unit.id > executionId;
}
