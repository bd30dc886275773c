import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { TraceSummaryJson } from '../../wire';
import { usePages } from '../api/use-pages';
import { formatCount, formatDuration } from '../format/format';
import { Time } from '../preferences';
import { CellFilter } from '../ui/cell-filter';
import type { Column } from '../ui/data-table';
import { DataTable } from '../ui/data-table';
import { ErrorCount } from '../ui/error-count';
import { FilterBar } from '../ui/filter-bar';
import { Message } from '../ui/message';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import type { FilterName, ListFilter } from '../url/list-filter';
import { isFiltered, noneOf } from '../url/list-filter';

const route = getRouteApi('/traces');

/** Every trace, the newest first. */
export function TracesPage() {
  usePageTitle('Traces');
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const { query, more } = usePages<TraceSummaryJson>('/traces', filter);
  const change = (patch: ListFilter): void =>
    void navigate({ search: (before) => ({ ...before, ...patch }) });
  const columns = useMemo(
    () =>
      makeColumns((name) => (value) => void navigate({ search: (b) => ({ ...b, [name]: value }) })),
    [navigate],
  );
  return (
    <PageLayout title="Traces" full>
      <FilterBar
        filter={filter}
        change={change}
        attributes
        names={[
          'agent_id',
          'task_type',
          'model',
          'tool',
          'tags',
          'status',
          'task_id',
          'execution_id',
          'session_id',
          'start_time',
          'end_time',
          'min_duration_ms',
          'max_duration_ms',
          'role',
        ]}
      />
      <QueryView
        query={query}
        isEmpty={(rows) => rows.length === 0}
        empty={<Message title="No trace has arrived yet" />}
        filtered={{ active: isFiltered(filter), clear: () => change(noneOf(filter)) }}
      >
        {(rows) => (
          <DataTable
            label="Traces"
            columns={columns}
            rows={rows}
            keyOf={(trace) => trace.trace_id}
            open={({ trace_id: traceId }) =>
              void navigate({ to: '/traces/$traceId', params: { traceId } })
            }
            more={more}
          />
        )}
      </QueryView>
    </PageLayout>
  );
}

function makeColumns(
  by: (name: FilterName) => (value: string) => void,
): readonly Column<TraceSummaryJson>[] {
  return [
    { title: 'Started', width: 168, cell: (t) => <Time at={t.start_time_unix_nano} /> },
    { title: 'Root span', width: 200, grow: true, cell: (t) => t.root_name ?? '–' },
    {
      title: 'Agent',
      width: 160,
      cell: (t) => <CellFilter value={t.agent_id} what="agent" onFilter={by('agent_id')} />,
    },
    {
      title: 'Task',
      width: 160,
      cell: (t) => <CellFilter value={t.task_id} what="task" onFilter={by('task_id')} />,
    },
    { title: 'Duration', width: 84, numeric: true, cell: (t) => formatDuration(lengthOf(t)) },
    { title: 'Spans', width: 60, numeric: true, cell: (t) => formatCount(t.spans) },
    { title: 'Errors', width: 70, numeric: true, cell: (t) => <ErrorCount count={t.errors} /> },
  ];
}

function lengthOf(trace: TraceSummaryJson): number | null {
  const { start_time_unix_nano: start, end_time_unix_nano: end } = trace;
  return end === null ? null : Number(BigInt(end) - BigInt(start));
}
