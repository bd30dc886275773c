import { addBit, emptyBitset, hasBit, type Bitset } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import { getOrMake } from '../units/get-or-make';
import { groupCodes } from '../units/group-codes';
import type { LearningSettings } from '../units/learning-settings';
import type { StratumKey } from '../units/stratum-keys';
import type { UnitTable } from '../units/unit-table';

/** From whom a unit may take its feature: units of other tasks in the same cell. */
export interface DonorPool {
  /** By cell, then by task. */
  readonly cells: readonly (readonly (readonly number[])[])[];
  /** By position, who draws for it: itself, or the first unit of its task. */
  readonly drawer: Int32Array;
  /** Units that have a donor. */
  readonly usable: Bitset;
  readonly isComplete: boolean;
}

/**
 * Cells by keys, all units together without any. `byTask` gives the runs of one task one donor, so that
 * what is constant within tasks stays so. A cell in which one task has more than half of the units
 * lends nothing.
 */
export function createDonorPool(
  keys: readonly StratumKey[],
  byTask: boolean,
  table: UnitTable,
  settings: LearningSettings,
): DonorPool {
  const size = table.units.length;
  const codes = groupCodes(keys, table, new Uint8Array(size).fill(1), settings);
  const first = new Map<number, number>();
  const drawer = Int32Array.from(table.taskCodes, (task, position) => {
    if (!first.has(task)) first.set(task, position);
    return byTask ? (first.get(task) ?? position) : position;
  });
  const cells = new Map<number, Map<number, number[]>>();
  drawer.forEach((drawing, position) => {
    if (drawing !== position) return;
    const cell = getOrMake(cells, codes[position] ?? -1, () => new Map<number, number[]>());
    getOrMake(cell, table.taskCodes[position] ?? -1, (): number[] => []).push(position);
  });
  const lending = [...cells.values()]
    .map((tasks) => [...tasks.values()])
    .filter((tasks) => 2 * largest(tasks) <= tasks.reduce((sum, { length }) => sum + length, 0));
  const lenders = emptyBitset(size);
  for (const position of lending.flat(2)) addBit(lenders, position);
  const usable = emptyBitset(size);
  let count = 0;
  drawer.forEach((drawing, position) => {
    if (!hasBit(lenders, drawing)) return;
    addBit(usable, position);
    count += 1;
  });
  return { cells: lending, drawer, usable, isComplete: count === size };
}

/**
 * The candidate with each unit's feature taken from a unit of another task of its cell, each lending
 * once: as common as before in every cell, and without a say in the outcome of the run.
 */
export function withDonors(
  candidate: Candidate,
  { cells, drawer, usable, isComplete }: DonorPool,
  name: string,
  random: () => number,
): Candidate {
  const size = drawer.length;
  const drawn = emptyBitset(size);
  for (const tasks of cells) {
    // Units task by task, moved on by the largest task: nobody draws from its own.
    const order = shuffled(tasks, random).flatMap((units) => shuffled(units, random));
    const step = largest(tasks);
    order.forEach((position, i) => {
      const donor = order[(i + step) % order.length] ?? position;
      if (hasBit(candidate.bits, donor)) addBit(drawn, position);
    });
  }
  const bits = emptyBitset(size);
  let support = 0;
  drawer.forEach((drawing, position) => {
    if (!hasBit(drawn, drawing)) return;
    addBit(bits, position);
    support += 1;
  });
  const context = isComplete ? {} : { within: usable, contextText: name };
  return { ...candidate, ...context, bits, support };
}

function largest(tasks: readonly (readonly number[])[]): number {
  return tasks.reduce((most, { length }) => Math.max(most, length), 0);
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const [x, y] = [all[i], all[j]];
    if (x === undefined || y === undefined) continue;
    all[i] = y;
    all[j] = x;
  }
  return all;
}
