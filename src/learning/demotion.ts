import { createAdjustment, type Adjustment } from '../stats';
import { featureColumn } from './adjusted-score';
import type { Promotion } from './confirmation';
import { groupCodes } from './group-codes';
import { settingColumns } from './setting-columns';
import type { Workbench } from './workbench';

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

/**
 * Shiryaev-Roberts watch over a promoted finding (LEARNING 4 c 3): in every window of 50 units after
 * promotion the effect should be at least its lower bound; evidence against that adds up over windows.
 *
 * @param bound - lower bound of the effect's size at the promoting level
 * @returns the demotion, or `null`
 */
export function watchForDemotion(
  promotion: Promotion,
  bound: number,
  bench: Workbench,
): Demotion | null {
  const { column, freshFrom, sign } = promotion;
  const known: number[] = [];
  column.values.forEach((value, i) => {
    if (!Number.isNaN(value)) known.push(i);
  });
  const before = known.filter((i) => i < freshFrom).length;
  const sums = thetas.map(() => 0);
  for (let end = before + windowUnits; end <= known.length; end += windowUnits) {
    const among = known.slice(Math.max(0, end - memoryUnits), end);
    const z = windowScore(promotion, among, Math.max(leastBound, bound), bench);
    if (z === null) continue;
    thetas.forEach((theta, t) => {
      sums[t] = Math.exp(-theta * z - theta ** 2 / 2) * (1 + (sums[t] ?? 0));
    });
    if (sums.reduce((total, value) => total + value, 0) / thetas.length < alarmAt) continue;
    const estimate = estimateOver(
      promotion,
      known.slice(Math.max(0, end - reversalUnits), end),
      bench,
    );
    return { units: end - before, reversed: estimate * sign <= 0, estimate };
  }
  return null;
}

function windowScore(
  promotion: Promotion,
  among: readonly number[],
  bound: number,
  bench: Workbench,
): number | null {
  const window = new Set(among.slice(-windowUnits));
  const adjustment = adjustmentWithWindow(promotion, among, window, bench);
  const { candidate, column, sign } = promotion;
  const x = adjustment.residuals(featureColumn(candidate.bits, column.values.length));
  const y = adjustment.residuals(column.values);
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
}

/** The comparison among the units given, with the window, by agent, as cells of its own. */
function adjustmentWithWindow(
  { comparison }: Promotion,
  among: readonly number[],
  window: ReadonlySet<number>,
  { table, settings }: Workbench,
): Adjustment {
  const members = new Uint8Array(table.units.length);
  for (const position of among) members[position] = 1;
  const cells = groupCodes(comparison.cells, table, members, settings);
  const known = new Map<string, number>();
  let next = cells.reduce((most, code) => Math.max(most, code), -1) + 1;
  for (const position of window) {
    const agent = comparison.cells.includes('agent') ? (table.units[position]?.agentId ?? '') : '';
    const code = known.get(agent) ?? next++;
    known.set(agent, code);
    cells[position] = code;
  }
  const others = settingColumns(table, settings).filter(
    ({ key }) => !comparison.ownKnobs.includes(key),
  );
  return createAdjustment({
    groups: groupCodes(comparison.groups, table, members, settings),
    cells,
    columns: others.flatMap(({ columns }) => columns),
  });
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
