import { addBlock, emptyLogE, logEValue } from '../../stats';
import { hasBit } from '../units/bitset';
import type { Member } from './member';
import type { Workbench } from '../comparison/workbench';

/** Units of a block. */
const blockUnits = 10;

/**
 * log e of a randomised candidate over closed blocks: ten units on end within `task.type x agent`, by
 * start order alone. Members of a block without an outcome are left out of it; the open block counts
 * nothing.
 */
export function randomisedLogE(
  { candidate, column, comparison }: Pick<Member, 'candidate' | 'column' | 'comparison'>,
  bench: Workbench,
): number {
  const { codes } = bench.strataOf(comparison.groups, candidate);
  const logE = emptyLogE();
  const open = new Map<number, number[]>();
  codes.forEach((code, position) => {
    if (code < 0) return;
    const block = open.get(code) ?? [];
    open.set(code, block);
    block.push(position);
    if (block.length < blockUnits) return;
    open.delete(code);
    const known = block.filter((each) => !Number.isNaN(column.values[each] ?? NaN));
    addBlock(
      logE,
      known.map((each) => column.values[each] ?? 0),
      known.map((each) => hasBit(candidate.bits, each)),
    );
  });
  return logEValue(logE);
}
