import type { LeftOutSetting } from '../../model/pattern';
import { shownIn } from './differences-shown';
import { scoreAdjusted } from '../comparison/adjusted-score';
import type { Comparison } from '../comparison/comparison';
import type { Member } from '../look/member';
import type { Frame } from '../comparison/frames';
import type { Workbench } from '../comparison/workbench';

/** What a comparison holds fixed, in the words of a filter. */
export function heldFixed(member: Member, bench: Workbench): string[] {
  const { candidate, column, comparison } = member;
  const keys = [...comparison.groups, ...comparison.cells];
  const knobs =
    comparison.rule === 'randomised'
      ? []
      : bench.frameOf(comparison, candidate, column).freedOf.map(({ key }) => `config.${key}`);
  return [...new Set<string>(keys), ...knobs];
}

/** The effect with one thing at a time not held fixed. */
export function leaveOneOut(member: Member, bench: Workbench): LeftOutSetting[] {
  const { candidate, column, comparison, score } = member;
  const { effect } = score;
  if (effect === null) return [];
  const base = bench.frameOf(comparison, candidate, column);
  return heldFixed(member, bench).flatMap((key) => {
    const frame = withoutKey(key, member, base, bench);
    const { effect: other } = scoreAdjusted(candidate, comparison, frame, column, 0.95);
    if (other === null) return [];
    const moves = Math.abs(other.estimate - effect.estimate) > 2 * effect.standardError;
    return [{ key, estimate: shownIn(column)(other.estimate), moves }];
  });
}

function withoutKey(
  key: string,
  { candidate, column, comparison }: Member,
  base: Frame,
  bench: Workbench,
): Frame {
  if (key.startsWith('config.')) {
    const kept = base.freedOf.filter((knob) => `config.${knob.key}` !== key);
    const adjustment = base.beforeSettings.freedOf(kept.flatMap(({ columns }) => columns));
    return { ...base, adjustment, y: adjustment.residuals(column.values), freedOf: kept };
  }
  const others: Comparison = {
    ...comparison,
    // Without the task, its type is what is left of it.
    groups: comparison.groups.flatMap((each) =>
      each !== key ? [each] : each === 'task' ? ['task.type' as const] : [],
    ),
    cells: comparison.cells.filter((each) => each !== key),
  };
  return bench.frameOf(others, candidate, column);
}
