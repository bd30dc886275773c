import { exchangeableValues, minimalAttainableP, type ExchangeableValues } from '../../stats';
import { hasBit } from '../units/bitset';
import type { DraftMember } from './member';
import type { Workbench } from '../comparison/workbench';

/** Runs, or tasks where these are compared, whose outcomes may be exchanged. */
interface Exchange {
  readonly values: ExchangeableValues;
  /** Position in the table of the run that tells whether it has the feature. */
  readonly positions: Int32Array;
}

/**
 * Least p-value that each member could reach, whatever its outcomes had been dealt to, within the groups that it is
 * compared in (Tarone 1990). What spends less is held against a second outcome, and not bounded: 0.
 */
export function createAttainable(bench: Workbench): (member: DraftMember) => number {
  const known = new Map<object, Exchange>();
  return (member) => {
    const { candidate, column, comparison, score } = member;
    if (score.reason !== null) return 1;
    if (column.guard !== undefined) return 0;
    const key =
      comparison.rule === 'randomised'
        ? bench.strataOf(comparison.groups, candidate)
        : bench.frameOf(comparison, candidate, column);
    const exchange = known.get(key) ?? exchangeOf(member, bench);
    known.set(key, exchange);
    return minimalAttainableP(exchange.values, (place) =>
      hasBit(candidate.bits, exchange.positions[place] ?? 0),
    );
  };
}

function exchangeOf({ candidate, column, comparison }: DraftMember, bench: Workbench): Exchange {
  if (comparison.rule === 'randomised') {
    const { codes } = bench.strataOf(comparison.groups, candidate);
    const groupOf = codes.map((code, i) => (Number.isNaN(column.values[i] ?? NaN) ? -1 : code));
    const positions = Int32Array.from(groupOf, (_, i) => i);
    return { values: exchangeableValues(column.values, groupOf), positions };
  }
  const { adjustment, tasks } = bench.frameOf(comparison, candidate, column);
  const values = Float64Array.from(adjustment.units, (position) => column.values[position] ?? NaN);
  if (tasks === undefined) {
    return { values: exchangeableValues(values, adjustment.groupOf), positions: adjustment.units };
  }
  return byTask(values, adjustment.groupOf, adjustment.units, tasks.taskOf, tasks.tasks);
}

/** A setting that is fixed per task can be exchanged between whole tasks only: their means. */
function byTask(
  values: Float64Array,
  groupOf: Int32Array,
  units: Int32Array,
  taskOf: Int32Array,
  tasks: number,
): Exchange {
  const [sums, counts] = [new Float64Array(tasks), new Int32Array(tasks)];
  const [groups, positions] = [new Int32Array(tasks).fill(-1), new Int32Array(tasks)];
  values.forEach((value, i) => {
    const task = taskOf[i] ?? 0;
    sums[task] = (sums[task] ?? 0) + value;
    counts[task] = (counts[task] ?? 0) + 1;
    groups[task] = groupOf[i] ?? -1;
    positions[task] = units[i] ?? 0;
  });
  const means = sums.map((sum, task) => sum / Math.max(1, counts[task] ?? 1));
  return { values: exchangeableValues(means, groups), positions };
}
