import { Anchor, Button, Checkbox } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ExecutionJson } from '../../wire';
import { formatCost, formatCount, formatDuration, formatNumber } from '../format/format';
import { ErrorCount } from '../ui/error-count';
import type { PlainColumn } from '../ui/plain-table';
import { PlainTable } from '../ui/plain-table';
import { Success } from '../ui/status-badge';
import type { CompareSearch } from '../compare/compare-search';
import { rewardDimensions, varyingSettings } from './varying-settings';

interface TaskRunsProps {
  readonly runs: readonly ExecutionJson[];
  /** The chosen ones, of the page's address. */
  readonly search: CompareSearch;
}

/** The runs of a task beside each other; two that were chosen can be compared step by step. */
export function TaskRuns({ runs, search }: TaskRunsProps) {
  const navigate = useNavigate();
  const chosen = [search.a, search.b].filter((id) => runs.some((run) => run.id === id));
  const [a, b] = chosen;
  const toggle = (id: string): void => {
    const [first, second] = chosen.includes(id)
      ? chosen.filter((other) => other !== id)
      : [...chosen.slice(-1), id];
    void navigate({ to: '.', search: { a: first, b: second }, replace: true, resetScroll: false });
  };
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        mb={6}
        disabled={b === undefined}
        onClick={() => void navigate({ to: '/compare', search: { a, b } })}
      >
        Compare the two chosen
      </Button>
      <PlainTable
        label="Runs of the task"
        rows={runs}
        keyOf={(run) => run.id}
        columns={[
          {
            title: 'Choose',
            cell: (run) => (
              <Checkbox
                size="xs"
                aria-label={`Choose ${run.id}`}
                checked={chosen.includes(run.id)}
                onChange={() => toggle(run.id)}
              />
            ),
          },
          ...runColumns(runs),
        ]}
      />
    </>
  );
}

function runColumns(runs: readonly ExecutionJson[]): readonly PlainColumn<ExecutionJson>[] {
  return [
    {
      title: 'Run',
      cell: (run) => (
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link to="/executions/$executionId" params={{ executionId: run.id }} {...props} />
          )}
        >
          {run.agent.id ?? 'agent not said'} · {numberText(run)}
        </Anchor>
      ),
    },
    { title: 'Outcome', cell: (run) => <Success success={run.success} /> },
    ...rewardDimensions(runs).map((name) => ({
      title: name,
      numeric: true,
      cell: (run: ExecutionJson) => formatNumber(run.rewards[name] ?? null),
    })),
    { title: 'Duration', numeric: true, cell: (run) => formatDuration(lengthOf(run)) },
    { title: 'Model calls', numeric: true, cell: (run) => formatCount(run.llm_calls) },
    { title: 'Tool calls', numeric: true, cell: (run) => formatCount(run.tool_calls) },
    { title: 'Errors', numeric: true, cell: (run) => <ErrorCount count={run.errors} /> },
    { title: 'Cost', numeric: true, cell: (run) => formatCost(run.cost_usd) },
    ...varyingSettings(runs).map((key) => ({
      title: key,
      cell: (run: ExecutionJson) => JSON.stringify(run.config?.[key]) ?? '–',
    })),
  ];
}

/** Which of a task's runs it is; replications are counted from 0. */
export function numberText({ attempt, replication }: ExecutionJson): string {
  return replication === 0
    ? `attempt ${attempt}`
    : `attempt ${attempt}, replication ${replication}`;
}

/** Nanoseconds; `null` where the run has not ended, or its times are made up. */
export function lengthOf(run: ExecutionJson): number | null {
  if (run.end_time_unix_nano === null || run.flags.includes('time_synthetic')) return null;
  return Number(BigInt(run.end_time_unix_nano) - BigInt(run.start_time_unix_nano));
}
