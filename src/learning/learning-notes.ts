import type { AttemptJudgement } from './units/attempts';
import { epochLength } from './units/group-codes';
import type { LearningSettings } from './units/learning-settings';
import type { UnitTable } from './units/unit-table';

/** Share of units in repeated tasks below which behaviours cannot be learned. */
const repeatedShare = 0.5;

/** What people must know of the runs that are learned from, each with the line that would mend it. */
export function learningNotes(table: UnitTable, settings: LearningSettings): string[] {
  return [...table.attempts.map(attemptNote), ...repeatNote(table, settings), ...lateNote(table)];
}

function attemptNote(judgement: AttemptJudgement): string {
  const { taskType, agentId, runs, difference, standardError, failed, succeeded, fixed } =
    judgement;
  const who = `${runs} runs of repeated tasks${taskType === '' ? '' : ` of type ${taskType}`}${agentId === '' ? '' : ` by ${agentId}`} do not say whether they are retries`;
  const numbers =
    difference === null || standardError === null
      ? `nothing tells (${failed} failures and ${succeeded} successes that a run could follow)`
      : `D = ${difference.toFixed(3)} ± ${standardError.toFixed(3)} over ${failed} failures and ${succeeded} successes`;
  const verdict = fixed
    ? 'taken as fixed in advance'
    : "only each task's first run is learned from; mark them: span.setAttribute('execution.attempt', n) for retries, span.setAttribute('execution.replication', n) for runs fixed in advance";
  return `${who}: ${numbers}; ${verdict}.`;
}

function repeatNote(table: UnitTable, settings: LearningSettings): string[] {
  const { taskCodes } = table;
  const counts = new Map<number, number>();
  for (const code of taskCodes) counts.set(code, (counts.get(code) ?? 0) + 1);
  const repeated = taskCodes.filter((code) => (counts.get(code) ?? 0) > 1).length;
  if (taskCodes.length === 0) return [];
  if (repeated >= repeatedShare * taskCodes.length) return [limitNote(table, settings)];
  return [
    'Tasks do not repeat here, so a behaviour cannot be told from the tasks that ask for it: none is promoted. ' +
      "Declare tasks that are comparable (an intent, a template): span.setAttribute('task.group', 'refund').",
  ];
}

/** What no comparison of runs that nobody assigned can rule out (LEARNING 4 c, known limits). */
function limitNote(
  { taskCodes, declaresTaskGroups }: UnitTable,
  settings: LearningSettings,
): string {
  const [within, ofGroups] = declaresTaskGroups
    ? ['declared group of tasks', ', and so may how hard the tasks of one group are']
    : ['task', ''];
  return (
    `Runs are compared within ${within}, agent and ${epochLength(taskCodes.length, settings)} runs in a row: what changes faster than ` +
    `that, or differs within it and no attribute records, may be behind a finding${ofGroups}; an experiment rules it out.`
  );
}

function lateNote({ counts: { late } }: UnitTable): string[] {
  if (late === 0) return [];
  const runs = late === 1 ? '1 run was' : `${late} runs were`;
  return [
    `${runs} closed after later ones had been admitted, and counted with those that closed then.`,
  ];
}
