/** One of several runs of a task whose attempt or replication nobody said. */
export interface UnmarkedRun {
  readonly taskId: string;
  /** Runs are judged per type of task and agent. */
  readonly taskType: string;
  readonly agentId: string;
  /** `null` where the outcome is unknown. */
  readonly success: boolean | null;
  readonly startTimeUnixNano: bigint;
  /** `null` where unknown. */
  readonly endTimeUnixNano: bigint | null;
}

/** Whether the runs of tasks of one type and agent were fixed in advance or followed failures. */
export interface AttemptJudgement {
  readonly taskType: string;
  readonly agentId: string;
  readonly runs: number;
  /** P(another run follows | failure) - P(… | success), over positions; `null` where nothing tells. */
  readonly difference: number | null;
  readonly standardError: number | null;
  readonly failed: number;
  readonly succeeded: number;
  readonly fixed: boolean;
}

const leastRuns = 10;
const bound = 0.1;
const oneSided95 = 1.645;

/**
 * Mantel-Haenszel difference over positions k = 1, 2, … of how often a run follows a failure and a
 * success; positions where nothing follows are left out, and pairs that overlap in time, which cannot
 * be retries. Fixed where at least 10 failures and 10 successes count and D + 1.645 SE ≤ .1.
 */
export function judgeAttempts(runs: readonly UnmarkedRun[]): AttemptJudgement[] {
  const groups = new Map<string, UnmarkedRun[]>();
  for (const run of runs) {
    const name = attemptGroup(run);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [run]);
    else group.push(run);
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [judge(first, members)];
  });
}

export function attemptGroup({
  taskType,
  agentId,
}: Pick<UnmarkedRun, 'taskType' | 'agentId'>): string {
  return JSON.stringify([taskType, agentId]);
}

interface Position {
  failed: number;
  failedFollowed: number;
  succeeded: number;
  succeededFollowed: number;
}

function judge(
  { taskType, agentId }: UnmarkedRun,
  members: readonly UnmarkedRun[],
): AttemptJudgement {
  const informative = countPositions(members).filter(
    ({ failed, succeeded, failedFollowed, succeededFollowed }) =>
      failed > 0 && succeeded > 0 && failedFollowed + succeededFollowed > 0,
  );
  let [weights, excess, variance, failed, succeeded] = [0, 0, 0, 0, 0];
  for (const position of informative) {
    const [a, b] = [position.failed, position.succeeded];
    const weight = (a * b) / (a + b);
    const afterFailure = position.failedFollowed / a;
    const afterSuccess = position.succeededFollowed / b;
    weights += weight;
    excess += weight * (afterFailure - afterSuccess);
    variance +=
      weight ** 2 *
      ((afterFailure * (1 - afterFailure)) / a + (afterSuccess * (1 - afterSuccess)) / b);
    failed += a;
    succeeded += b;
  }
  const difference = weights === 0 ? null : excess / weights;
  const standardError = weights === 0 ? null : Math.sqrt(variance) / weights;
  const fixed =
    difference !== null &&
    standardError !== null &&
    Math.min(failed, succeeded) >= leastRuns &&
    difference + oneSided95 * standardError <= bound;
  const runs = members.length;
  return { taskType, agentId, runs, difference, standardError, failed, succeeded, fixed };
}

function countPositions(members: readonly UnmarkedRun[]): Position[] {
  const tasks = new Map<string, UnmarkedRun[]>();
  for (const run of members) {
    const runs = tasks.get(run.taskId);
    if (runs === undefined) tasks.set(run.taskId, [run]);
    else runs.push(run);
  }
  const positions: Position[] = [];
  for (const runs of tasks.values()) {
    runs.sort((a, b) => (a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1));
    runs.forEach((run, k) => {
      const next = runs[k + 1];
      if (run.success === null || (next !== undefined && overlap(run, next))) return;
      const position = (positions[k] ??= {
        failed: 0,
        failedFollowed: 0,
        succeeded: 0,
        succeededFollowed: 0,
      });
      if (run.success) {
        position.succeeded += 1;
        if (next !== undefined) position.succeededFollowed += 1;
      } else {
        position.failed += 1;
        if (next !== undefined) position.failedFollowed += 1;
      }
    });
  }
  return positions.filter((position): position is Position => position !== undefined);
}

function overlap(run: UnmarkedRun, next: UnmarkedRun): boolean {
  return run.endTimeUnixNano !== null && next.startTimeUnixNano < run.endTimeUnixNano;
}
