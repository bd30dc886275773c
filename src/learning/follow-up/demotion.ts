import type { UnitPosition } from '../../model/pattern';
import { createAdjustment } from '../../stats';
import { featureColumn } from '../comparison/adjusted-score';
import type { Promotion } from './confirmation';
import { groupCodes } from '../units/group-codes';
import type { LearningSettings } from '../units/learning-settings';
import { settingColumns } from '../comparison/setting-columns';
import { isAfter, positionOfUnit } from '../units/unit-position';
import type { Unit, UnitTable } from '../units/unit-table';
import type { Workbench } from '../comparison/workbench';

/** Units of a window. */
const windowUnits = 50;

/** Units before a window's end that it is judged among: bounds the cost of a window. */
const memoryUnits = 2_000;

const thetas = [0.25, 0.5, 1, 1.5, 2, 3] as const;
const alarmAt = 1_000;
const leastBound = 0.02;
const reversalUnits = 800;

export interface Demotion {
  /** Units with an outcome after the promoting look when it was raised. */
  readonly units: number;
  /** The effect of the last 800 units does not have the promoted sign any more. */
  readonly reversed: boolean;
  readonly estimate: number;
}

/** How far a watch has come, so that no window is judged twice. */
export interface WatchState {
  readonly bound: number;
  /** The last unit of the last window, `null` before the first, and units with an outcome until there after promotion. */
  readonly judgedThrough: UnitPosition | null;
  readonly units: number;
  readonly sums: readonly number[];
}

/** By pattern id; lost with the process, and found again from the same units. */
export type Watches = Map<string, WatchState>;

/**
 * Shiryaev-Roberts watch over a promoted finding (LEARNING 4 c 3): in every window of 50 units after
 * promotion the effect should be at least its lower bound; evidence against that adds up over windows.
 *
 * @param id - of its pattern: the watch goes on where it was, with a new bound from the beginning
 * @param bound - lower bound of the effect's size at the promoting level
 * @returns the demotion, or `null`
 */
export function watchForDemotion(
  id: string,
  promotion: Promotion,
  bound: number,
  watches: Watches,
  bench: Workbench,
): Demotion | null {
  const { column, freshFrom, sign } = promotion;
  const known: number[] = [];
  column.values.forEach((value, i) => {
    if (!Number.isNaN(value)) known.push(i);
  });
  const stored = watches.get(id);
  let state: WatchState =
    stored?.bound === bound
      ? stored
      : { bound, judgedThrough: null, units: 0, sums: thetas.map(() => 0) };
  const score = createWindowScore(promotion, Math.max(leastBound, bound), bench);
  const { units } = bench.table;
  const first = known.findIndex((position) =>
    isUnjudged(units[position], position, state, freshFrom),
  );
  const before = first < 0 ? known.length : first;
  for (let end = before + windowUnits; end <= known.length; end += windowUnits) {
    const z = score(known.slice(Math.max(0, end - memoryUnits), end));
    const sums = state.sums.map((sum, t) => {
      const theta = thetas[t] ?? 0;
      return z === null ? sum : Math.exp(-theta * z - theta ** 2 / 2) * (1 + sum);
    });
    const seen = state.units + windowUnits;
    if (sums.reduce((total, value) => total + value, 0) / thetas.length >= alarmAt) {
      const last = known.slice(Math.max(0, end - reversalUnits), end);
      const estimate = estimateOver(promotion, last, bench);
      return { units: seen, reversed: estimate * sign <= 0, estimate };
    }
    const last = units[known[end - 1] ?? -1];
    const judgedThrough = last === undefined ? state.judgedThrough : positionOfUnit(last);
    state = { bound, judgedThrough, units: seen, sums };
    watches.set(id, state);
  }
  return null;
}

function isUnjudged(
  unit: Unit | undefined,
  position: number,
  { judgedThrough }: WatchState,
  freshFrom: number,
): boolean {
  return judgedThrough === null || unit === undefined
    ? position >= freshFrom
    : isAfter(unit, judgedThrough);
}

type WindowScore = (among: readonly number[]) => number | null;

/** z of the last 50 of some units, judged among all of them; the cost is theirs, not the stream's. */
function createWindowScore(promotion: Promotion, bound: number, bench: Workbench): WindowScore {
  const { candidate, column, comparison, sign } = promotion;
  const { table, settings } = bench;
  const feature = featureColumn(candidate.bits, column.values.length);
  const knobs = settingColumns(table, settings)
    .filter(({ key }) => !comparison.ownKnobs.includes(key))
    .flatMap(({ columns }) => columns);
  return (among) => {
    // From the beginning of an epoch, so that epochs are cut as in the stream.
    const from = Math.floor((among[0] ?? 0) / settings.epochUnits) * settings.epochUnits;
    const to = (among.at(-1) ?? -1) + 1;
    const window = new Set(among.slice(-windowUnits).map((position) => position - from));
    const part = {
      units: table.units.slice(from, to),
      taskCodes: table.taskCodes.subarray(from, to),
    };
    const members = new Uint8Array(to - from);
    for (const position of among) members[position - from] = 1;
    const adjustment = createAdjustment({
      groups: groupCodes(comparison.groups, part, members, settings),
      cells: cellsWithWindow(promotion, part, members, window, settings),
      columns: knobs.map((values) => values.subarray(from, to)),
    });
    const x = adjustment.residuals(feature.subarray(from, to));
    const y = adjustment.residuals(column.values.subarray(from, to));
    let [score, byUnit, sumX, sumY] = [0, 0, 0, 0];
    adjustment.units.forEach((position, i) => {
      if (!window.has(position)) return;
      const [u, v] = [x[i] ?? 0, sign * (y[i] ?? 0)];
      const free = 1 - (adjustment.leverage[i] ?? 0);
      if (free < 1e-9) return;
      score += u * (v - bound * u);
      byUnit += (u * u * v * v) / free;
      sumX += u * u;
      sumY += (v * v) / free;
    });
    const variance = Math.max(byUnit, (sumX * sumY) / windowUnits);
    return sumX < 1e-9 || variance <= 0 ? null : score / Math.sqrt(variance);
  };
}

/** The comparison's cells, with the window, by agent, as cells of its own. */
function cellsWithWindow(
  { comparison }: Promotion,
  part: Pick<UnitTable, 'units' | 'taskCodes'>,
  members: Uint8Array,
  window: ReadonlySet<number>,
  settings: LearningSettings,
): Int32Array {
  const cells = groupCodes(comparison.cells, part, members, settings);
  const known = new Map<string, number>();
  let next = cells.reduce((most, code) => Math.max(most, code), -1) + 1;
  for (const position of window) {
    const agent = comparison.cells.includes('agent') ? (part.units[position]?.agentId ?? '') : '';
    const code = known.get(agent) ?? next++;
    known.set(agent, code);
    cells[position] = code;
  }
  return cells;
}

function estimateOver(
  { candidate, column, comparison }: Promotion,
  units: readonly number[],
  bench: Workbench,
): number {
  const inside = new Set(units);
  const values = column.values.map((value, i) => (inside.has(i) ? value : NaN));
  const { effect } = bench.score(candidate, { ...column, values }, comparison);
  return effect?.estimate ?? 0;
}
