import { NotFoundError } from '../../errors';
import type { ClosedExecution } from '../../model/learning';
import type { Pattern } from '../../model/pattern';
import type { TaskBook } from '../../model/ports';
import type { Execution } from '../../model/task';
import type { Divergence, SiblingBasis, WhyReport } from '../../model/why';
import { byLikeness, findDivergence, nameOf } from './divergence';
import { extractFeatures } from '../features/features';
import { matchesPredicate } from '../features/match-predicate';
import { readRuns, type RunSource } from '../units/select-runs';

export interface WhySource extends RunSource {
  readonly store: Pick<TaskBook, 'getExecution' | 'listExecutions'>;
}

/** Successful runs that one run is compared with at most: the latest, then the likest of them. */
const maxSiblings = 50;
/** Of a task's or a type's latest runs so many are looked at for successes. */
const maxListed = 1_000;

/**
 * Compares a closed run with successful runs of the same task and agent; without any, of the same task; without
 * any, with the likest successes of the task's type.
 *
 * @throws NotFoundError for an execution that is unknown or not closed
 */
export async function explainRun(
  source: WhySource,
  executionId: string,
  patterns: readonly Pattern[],
): Promise<WhyReport> {
  const [run] = await allOf(readRuns(source, [executionId]));
  if (run === undefined) {
    throw new NotFoundError(`Expected a closed execution, found none with the id ${executionId}.`, {
      hint: 'otel-evolution tasks show TASK lists the runs of a task with their ids',
    });
  }
  const { basis, successes } = await findSuccesses(source.store, run);
  const read = await allOf(readRuns(source, successes));
  const siblings = byLikeness(run, read).slice(0, maxSiblings);
  const divergence = findDivergence(run, siblings);
  const features = extractFeatures(run);
  const live = await source.store.getExecution(executionId);
  return {
    executionId,
    success: live?.success ?? null,
    comparedWith: siblings.length > 0 ? basis : null,
    siblings: siblings.length,
    siblingIds: siblings.slice(0, 5).map(({ id }) => id),
    divergence,
    findings: patterns
      .filter(({ predicate }) => matchesPredicate(features, predicate))
      .map(({ id, predicate, type }) => ({ patternId: id, predicate: predicate.text, type })),
    sentence: `${sayHow(live?.success ?? null)}${sayWhy(siblings.length > 0 ? basis : null, siblings.length, divergence)}`,
  };
}

async function allOf(runs: AsyncIterable<ClosedExecution>): Promise<ClosedExecution[]> {
  const read: ClosedExecution[] = [];
  for await (const run of runs) read.push(run);
  return read;
}

async function findSuccesses(
  store: WhySource['store'],
  run: ClosedExecution,
): Promise<{ readonly basis: SiblingBasis; readonly successes: readonly string[] }> {
  const ofTask = await listSuccesses(store, { taskId: run.taskId }, run.id);
  const ofAgent = ofTask.filter(({ agent }) => agent.id === run.agent.id);
  if (ofAgent.length > 0) return { basis: 'task_and_agent', successes: latest(ofAgent) };
  if (ofTask.length > 0) return { basis: 'task', successes: latest(ofTask) };
  const { taskType } = run;
  const ofType = taskType === null ? [] : await listSuccesses(store, { taskType }, run.id);
  return { basis: 'task_type', successes: latest(ofType) };
}

async function listSuccesses(
  store: WhySource['store'],
  filter: { readonly taskId?: string; readonly taskType?: string },
  exceptId: string,
): Promise<Execution[]> {
  const { items } = await store.listExecutions({ ...filter, limit: maxListed });
  return items.filter(({ id, success, closed }) => closed && success === true && id !== exceptId);
}

const latest = (runs: readonly Execution[]): string[] =>
  runs.slice(0, 4 * maxSiblings).map(({ id }) => id);

/** Whoever asks why a run failed is told where it did not. */
function sayHow(success: boolean | null): string {
  if (success === false) return '';
  return success === null ? 'Nobody has judged this run. ' : 'This run succeeded. ';
}

function sayWhy(
  basis: SiblingBasis | null,
  siblings: number,
  divergence: Divergence | null,
): string {
  if (basis === null) {
    return 'Nothing to compare with: no successful run of this task or of its type is stored.';
  }
  const whom = {
    task_and_agent: 'the same task by the same agent',
    task: `the same task by ${siblings === 1 ? 'another agent' : 'other agents'}`,
    task_type: 'other tasks of this type, the likest there are',
  }[basis];
  const compared = `Compared with ${siblings} successful ${siblings === 1 ? 'run' : 'runs'} of ${whom}`;
  if (divergence === null) {
    return `${compared}: every step is one that some success also made, in the same place. The tool calls do not show what went wrong.`;
  }
  const { position, certainty } = divergence;
  const sure =
    certainty >= 0.75 ? '' : ' Such steps differ among successes too, so this may mean little.';
  return `${compared}: ${sayStep(divergence, siblings)} (call ${position + 1}). This describes where they part; it does not show that it is the cause.${sure}`;
}

function sayStep({ kind, step, instead }: Divergence, siblings: number): string {
  const did = step === null ? null : nameOf(step);
  const [most] = instead;
  const percent = Math.round(100 * (most?.share ?? 1));
  const isOne = siblings === 1;
  const who = isOne
    ? 'the success'
    : percent === 100
      ? 'the successes'
      : `${percent} % of the successes`;
  const rather = most?.tool ?? null;
  const theirs =
    rather === null ? `${who} had finished` : `${who} ${isOne ? 'calls' : 'call'} ${rather}`;
  switch (kind) {
    case 'stopped':
      return `the run ends where ${rather === null ? `${who} ${isOne ? 'ends' : 'end'}` : theirs}`;
    case 'left_out':
      return `before ${did ?? 'its end'} the run leaves out a call that ${who} ${isOne ? 'makes' : 'make'}: ${rather ?? 'none'}`;
    case 'other_arguments':
      return `the run calls ${did ?? 'a tool'} with arguments that no success used there`;
    case 'other_call':
      return `the run calls ${did ?? 'a tool'}, where ${theirs}`;
  }
}
