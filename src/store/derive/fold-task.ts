import type { Status } from '../../model/status';
import { isFinal } from './transitions';

/** An execution as its task's fold needs it. */
export interface TaskRun {
  readonly executionId: string;
  readonly attempt: number;
  readonly replication: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint | null;
  readonly status: Status;
  readonly agentId: string | null;
  readonly sessionId: string | null;
  readonly taskType: string | null;
  readonly taskInput: string | null;
  readonly tags: readonly string[];
  /** Outcome in the primary dimension. */
  readonly reward: number | null;
}

export interface FoldedTask {
  readonly type: string | null;
  readonly input: string | null;
  readonly status: Status;
  readonly agentId: string | null;
  readonly sessionId: string | null;
  readonly createdAtUnixNano: bigint;
  readonly completedAtUnixNano: bigint | null;
  readonly executions: number;
  readonly tags: readonly string[];
  readonly rewardMean: number | null;
  readonly rewardExecutions: number;
}

/** A pure fold over a task's executions, at least one: the latest attempt speaks for the task. */
export function foldTask(runs: readonly TaskRun[]): FoldedTask {
  const inOrder = [...runs].sort(compareRuns);
  const latest = inOrder.at(-1)!;
  const rewards = inOrder.flatMap((run) => run.reward ?? []);
  return {
    type: inOrder.find((run) => run.taskType !== null)?.taskType ?? null,
    input: inOrder.find((run) => run.taskInput !== null)?.taskInput ?? null,
    status: latest.status,
    agentId: latest.agentId,
    sessionId: latest.sessionId,
    createdAtUnixNano: inOrder.reduce(
      (first, run) => (run.startTimeUnixNano < first ? run.startTimeUnixNano : first),
      latest.startTimeUnixNano,
    ),
    completedAtUnixNano: isFinal(latest.status) ? latest.endTimeUnixNano : null,
    executions: inOrder.length,
    tags: [...new Set(inOrder.flatMap((run) => run.tags))].sort(),
    rewardMean:
      rewards.length === 0 ? null : rewards.reduce((sum, value) => sum + value) / rewards.length,
    rewardExecutions: rewards.length,
  };
}

/** By attempt, then replication, then start, then id: the last one is the latest attempt. */
export function compareRuns(
  a: Pick<TaskRun, 'attempt' | 'replication' | 'startTimeUnixNano' | 'executionId'>,
  b: Pick<TaskRun, 'attempt' | 'replication' | 'startTimeUnixNano' | 'executionId'>,
): number {
  if (a.attempt !== b.attempt) return a.attempt - b.attempt;
  if (a.replication !== b.replication) return a.replication - b.replication;
  if (a.startTimeUnixNano !== b.startTimeUnixNano) {
    return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1;
  }
  return a.executionId < b.executionId ? -1 : a.executionId > b.executionId ? 1 : 0;
}
