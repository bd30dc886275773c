import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { PatternJson, PatternStrataJson } from '../../wire';
import { getJson } from '../api/http';
import { formatCount, formatPoints } from '../format/format';
import { IntervalPlot } from '../ui/interval-plot';
import { PlainTable } from '../ui/plain-table';
import { QueryView } from '../ui/query-view';

/** Where the finding holds: its effect in every agent and type of task, on one axis. */
export function EffectPerStratum({ pattern }: { readonly pattern: PatternJson }) {
  const query = useQuery({
    queryKey: ['pattern', pattern.id, 'strata'],
    queryFn: ({ signal }) =>
      getJson<PatternStrataJson>(`/patterns/${encodeURIComponent(pattern.id)}/strata`, {}, signal),
    staleTime: 60_000,
  });
  return (
    <QueryView
      query={query}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <Text size="sm">No agent and type of task has five runs with it and five without.</Text>
      }
    >
      {({ items }) => <Strata items={items} />}
    </QueryView>
  );
}

function Strata({ items }: PatternStrataJson) {
  const ends = items.flatMap(({ interval }) => interval);
  const axis = { from: Math.min(0, ...ends), to: Math.max(0, ...ends) };
  return (
    <PlainTable
      label="Effect in each agent and type of task"
      rows={items}
      keyOf={(row) => JSON.stringify([row.agent_id, row.task_type])}
      columns={[
        { title: 'Agent', cell: (row) => row.agent_id ?? 'not said' },
        { title: 'Type of task', cell: (row) => row.task_type ?? 'not said' },
        { title: 'Runs', numeric: true, cell: (row) => formatCount(row.runs) },
        {
          title: 'Effect',
          cell: (row) => (
            <IntervalPlot
              estimate={row.effect}
              interval={row.interval}
              {...axis}
              zero={0}
              label={formatPoints(row.effect)}
            />
          ),
        },
        {
          title: 'Effect and 95 % interval',
          numeric: true,
          cell: ({ effect, interval: [low, high] }) =>
            `${formatPoints(effect)} (${formatPoints(low)} to ${formatPoints(high)})`,
        },
      ]}
    />
  );
}
