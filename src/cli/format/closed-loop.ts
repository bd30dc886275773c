import type { ClosedLoopResult, Stage } from '../../demo';
import { count, percent } from './numbers';
import { formatTable } from './table';

/** What was proposed, decided, rolled out and taken back, and accuracy before and after. */
export function formatClosedLoop(
  loop: ClosedLoopResult | { readonly reason: string },
  width: number | null,
): string {
  if ('reason' in loop) {
    return `Nothing is changed: no finding calls for a declared change (${loop.reason}).\n`;
  }
  const { proposed, experiment, experimentExecutions, rollOut } = loop;
  const change = `${proposed.knob}: ${JSON.stringify(proposed.from)} → ${JSON.stringify(proposed.to)}`;
  const lines = [
    'THE LOOP, on packages that learning has not seen',
    `Proposed      ${change}, expected from a pattern of learning, approved.`,
    `Experiment    ${count(experimentExecutions)} runs, ${experiment.decision}: ${experiment.reason}.`,
  ];
  if (rollOut !== null) {
    const { changedAt, alertAt, rolledBackAt, executions } = rollOut;
    lines.push(`Rolled out    to everybody but a tenth, ${count(executions)} runs watched.`);
    if (changedAt !== null) {
      lines.push(
        `The world     changed at run ${count(changedAt)}: the reading tool began to truncate.`,
      );
    }
    if (alertAt !== null) lines.push(`Alert         by run ${count(alertAt)}: half is held back.`);
    lines.push(
      rolledBackAt === null
        ? 'Taken back    never: no harm is proven.'
        : `Taken back    by run ${count(rolledBackAt)}, and tried again at 5 % with a fifth held back.`,
    );
  }
  return `\n${lines.join('\n')}\n\n${formatTable(loop.stages, columns, width)}\n`;
}

const columns = [
  { title: 'stage', value: ({ name }: Stage) => name },
  { title: 'setting', value: ({ setting }: Stage) => setting },
  {
    title: 'runs',
    value: ({ accuracy }: Stage) => count(accuracy.runs),
    align: 'right' as const,
  },
  {
    title: 'accuracy',
    value: ({ accuracy: { mean } }: Stage) => (mean === null ? '–' : percent(mean)),
    align: 'right' as const,
  },
  {
    title: '95 % interval',
    value: ({ accuracy: { lower, upper } }: Stage) =>
      lower === null || upper === null ? '–' : `${percent(lower)} … ${percent(upper)}`,
    align: 'right' as const,
  },
];
