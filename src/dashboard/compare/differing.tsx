import type { ExecutionJson } from '../../wire';
import { formatCost, formatCount, formatDuration, formatNumber } from '../format/format';
import { lengthOf } from '../task/task-runs';
import { rewardDimensions, varyingSettings } from '../task/varying-settings';
import { PlainTable } from '../ui/plain-table';
import { Section } from '../ui/section';

interface Line {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly difference: string;
}

/** Figures and settings of two runs, with what lies between them. */
export function Differing({ a, b }: { readonly a: ExecutionJson; readonly b: ExecutionJson }) {
  const figures: Line[] = [
    figure('Duration', lengthOf(a), lengthOf(b), formatDuration),
    figure('Model calls', a.llm_calls, b.llm_calls, formatCount),
    figure('Tool calls', a.tool_calls, b.tool_calls, formatCount),
    figure('Errors', a.errors, b.errors, formatCount),
    figure('Tokens in', a.input_tokens, b.input_tokens, formatCount),
    figure('Tokens out', a.output_tokens, b.output_tokens, formatCount),
    figure('Cost', a.cost_usd, b.cost_usd, formatCost),
    ...rewardDimensions([a, b]).map((name) =>
      figure(name, a.rewards[name] ?? null, b.rewards[name] ?? null, formatNumber),
    ),
  ];
  const settings = varyingSettings([a, b]).map((key): Line => {
    const text = (run: ExecutionJson): string => JSON.stringify(run.config?.[key]) ?? '–';
    return { name: key, a: text(a), b: text(b), difference: 'differs' };
  });
  const identity: Line[] = [
    {
      name: 'Agent',
      a: a.agent.id ?? '–',
      b: b.agent.id ?? '–',
      difference: a.agent.id === b.agent.id ? 'same' : 'differs',
    },
    {
      name: 'Task',
      a: a.task_id,
      b: b.task_id,
      difference: a.task_id === b.task_id ? 'same' : 'differs',
    },
  ];
  return (
    <Section title="What came of it">
      <PlainTable
        label="Figures of both runs"
        rows={[...identity, ...figures, ...settings]}
        keyOf={(line) => line.name}
        columns={[
          { title: 'Figure', cell: (line) => line.name },
          { title: 'A', numeric: true, cell: (line) => <Side text={line.a} /> },
          { title: 'B', numeric: true, cell: (line) => <Side text={line.b} /> },
          { title: 'B − A', numeric: true, cell: (line) => line.difference },
        ]}
      />
    </Section>
  );
}

/** A figure stays on its line; an id or a setting breaks, so that both sides stand beside each other. */
function Side({ text }: { readonly text: string }) {
  if (text.length <= longestFigure) return text;
  return <span style={{ whiteSpace: 'normal', overflowWrap: 'anywhere' }}>{text}</span>;
}

const longestFigure = 14;

function figure(
  name: string,
  a: number | null,
  b: number | null,
  format: (value: number | null) => string,
): Line {
  const gap = a === null || b === null ? null : b - a;
  const sign = gap !== null && gap > 0 ? '+' : gap !== null && gap < 0 ? '−' : '';
  const difference = gap === null ? '–' : `${sign}${format(Math.abs(gap))}`;
  return { name, a: format(a), b: format(b), difference };
}
