import type { Status } from '../../model/status';

/** An execution as its task needs it. */
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
