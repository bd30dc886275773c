import type { RewardSource } from '../../model/reward';
import type { Task } from '../../model/task';
import type { Session } from '../database/database';
import { loadTaskRewards } from '../derive/judge';
import { foldOutcome } from '../derive/outcome';

/**
 * Tasks as their own rewards have them where no run of theirs is stored: sums are kept of runs alone, and a task
 * that was made and judged by hand has none.
 */
export async function withOwnRewards(
  session: Session,
  tasks: readonly Task[],
  sourceOrder: readonly RewardSource[],
): Promise<readonly Task[]> {
  const unrun = tasks.filter(({ executions }) => executions === 0).map(({ id }) => id);
  if (unrun.length === 0) return tasks;
  const rewards = await loadTaskRewards(session, unrun);
  return tasks.map((task) => {
    if (task.executions > 0) return task;
    const own = rewards.filter(({ targetId }) => targetId === task.id);
    const mean = foldOutcome(own, sourceOrder)['reward'];
    return mean === undefined ? task : { ...task, reward: { mean, executions: 0 } };
  });
}
