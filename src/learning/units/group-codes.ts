import type { LearningSettings } from './learning-settings';
import type { StratumKey } from './stratum-keys';
import type { Unit, UnitTable } from './unit-table';

/** Units that a cell should have; with fewer it is joined with the next epoch. */
const leastCellUnits = 10;

/** Epochs of a stream, at most: longer ones beyond that, so that a look's cost stays bounded. */
const mostEpochs = 1_000;

/**
 * A code per unit by the keys given, -1 for a unit that `members` leaves out. With `epoch` the codes
 * are cells: `epochUnits` of the stream, within the other keys and the agent's version, joined with the
 * next until a cell has ten units; a short rest joins the one before. A new version starts a cell.
 */
export function groupCodes(
  keys: readonly StratumKey[],
  table: Pick<UnitTable, 'units' | 'taskCodes'>,
  members: Uint8Array,
  settings: LearningSettings,
): Int32Array {
  const codes = new Int32Array(table.units.length).fill(-1);
  const known = new Map<string, number>();
  const withEpochs = keys.includes('epoch');
  table.units.forEach((unit, position) => {
    if (members[position] !== 1) return;
    const name = JSON.stringify(
      keys.map((key) => keyOf(unit, table.taskCodes[position] ?? -1, key, withEpochs)),
    );
    const code = known.get(name) ?? known.size;
    known.set(name, code);
    codes[position] = code;
  });
  return withEpochs ? cutIntoEpochs(codes, known.size, epochLength(codes.length, settings)) : codes;
}

/** Units of one epoch in a stream of so many. */
export function epochLength(units: number, { epochUnits }: LearningSettings): number {
  return Math.max(epochUnits, Math.ceil(units / mostEpochs));
}

function keyOf(unit: Unit, task: number, key: StratumKey, withEpochs: boolean): unknown {
  switch (key) {
    case 'task':
      return task;
    case 'task.type':
      return unit.taskType;
    case 'agent':
      return withEpochs ? [unit.agentId, unit.agentVersion] : unit.agentId;
    case 'epoch':
      return null;
  }
}

interface OpenCell {
  code: number;
  epoch: number;
  units: number;
  /** Code of the cell before in the same sequence. */
  before: number;
}

function cutIntoEpochs(sequences: Int32Array, count: number, length: number): Int32Array {
  const open = new Array<OpenCell | undefined>(count);
  const codes = new Int32Array(sequences.length).fill(-1);
  let next = 0;
  sequences.forEach((sequence, position) => {
    if (sequence < 0) return;
    const epoch = Math.floor(position / length);
    let cell = open[sequence];
    if (cell === undefined || (cell.epoch !== epoch && cell.units >= leastCellUnits)) {
      cell = { code: next, epoch, units: 0, before: cell?.code ?? next };
      next += 1;
      open[sequence] = cell;
    }
    cell.epoch = epoch;
    cell.units += 1;
    codes[position] = cell.code;
  });
  // A short rest joins the cell before it.
  const joined = new Map<number, number>();
  for (const cell of open) {
    if (cell !== undefined && cell.units < leastCellUnits) joined.set(cell.code, cell.before);
  }
  return codes.map((code) => joined.get(code) ?? code);
}
