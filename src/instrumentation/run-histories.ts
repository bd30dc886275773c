import type { ExecutionHistory } from './evolution-context';

/** Runs at a task that other processes stored. */
export interface PriorRuns {
  readonly started: number;
  readonly failed: number;
}

export interface RunHistories {
  /** The runs at a task so far, also of an earlier `withTask` with its id. */
  of(taskId: string): ExecutionHistory;
  /** The same of an id that the application chose: other processes may have run the task before. */
  ofNamed(taskId: string): ExecutionHistory;
}

/** Tasks that are remembered; of the longest unused the next run is taken for the first. */
const MAX_TASKS = 10_000;
/** A program that starts tasks faster than the store answers must not pile up questions. */
const MAX_QUESTIONS = 8;
/** A store that failed is left alone for so long. */
const PAUSE_MILLIS = 30_000;

/** @param findPriorRuns - Asked once for each named task, and waited for by nobody. */
export function createRunHistories(
  findPriorRuns: ((taskId: string) => Promise<PriorRuns>) | undefined,
): RunHistories {
  const histories = new Map<string, ExecutionHistory>();
  let questions = 0;
  let pausedUntilMillis = -Infinity;

  const ask = async (taskId: string, history: ExecutionHistory): Promise<void> => {
    if (findPriorRuns === undefined || questions >= MAX_QUESTIONS) return;
    if (performance.now() < pausedUntilMillis) return;
    questions += 1;
    try {
      history.prior = await findPriorRuns(taskId);
    } catch {
      // The run is numbered within this process; what ails the store is said by those who write to it.
      pausedUntilMillis = performance.now() + PAUSE_MILLIS;
    } finally {
      questions -= 1;
    }
  };

  const find = (taskId: string, named: boolean): ExecutionHistory => {
    const known = histories.get(taskId);
    if (known !== undefined) {
      histories.delete(taskId); // to the end: the longest unused is first
      histories.set(taskId, known);
      return known;
    }
    const history: ExecutionHistory = { started: 0, failed: 0, prior: null };
    histories.set(taskId, history);
    const [oldest] = histories.keys();
    if (histories.size > MAX_TASKS && oldest !== undefined) histories.delete(oldest);
    if (named) void ask(taskId, history);
    return history;
  };
  return { of: (taskId) => find(taskId, false), ofNamed: (taskId) => find(taskId, true) };
}
