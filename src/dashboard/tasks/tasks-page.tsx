import { Group, SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Fragment, useMemo } from 'react';
import type { TaskJson } from '../../wire';
import { usePages } from '../api/use-pages';
import { formatCount, formatNumber } from '../format/format';
import { Time } from '../preferences';
import { CellFilter } from '../ui/cell-filter';
import type { Column } from '../ui/data-table';
import { DataTable } from '../ui/data-table';
import { FilterBar } from '../ui/filter-bar';
import { Message } from '../ui/message';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import { StatusBadge } from '../ui/status-badge';
import type { FilterName, ListFilter } from '../url/list-filter';
import { isFiltered, noneOf, pickFilter } from '../url/list-filter';
import { Timeline } from './timeline';
import type { TasksSearch } from './tasks-search';

const route = getRouteApi('/tasks');
const names: readonly FilterName[] = [
  'agent_id',
  'task_type',
  'task_id',
  'status',
  'tags',
  'session_id',
  'model',
  'tool',
  'start_time',
  'end_time',
  'min_duration_ms',
  'max_duration_ms',
];

/** What users asked for: as a list, or their runs over time. */
export function TasksPage() {
  usePageTitle('Tasks');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (patch: Partial<TasksSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...patch }) });
  const filter = pickFilter(search);
  return (
    <PageLayout
      title="Tasks"
      full
      actions={
        <Group gap="sm">
          {search.view === 'timeline' && (
            <SegmentedControl
              size="xs"
              aria-label="Rows of the timeline"
              value={search.rows ?? 'agent'}
              data={[
                { value: 'agent', label: 'By agent' },
                { value: 'session', label: 'By session' },
                { value: 'task', label: 'By task' },
              ]}
              onChange={(rows) => change({ rows: rows === 'agent' ? undefined : rows })}
            />
          )}
          <SegmentedControl
            size="xs"
            aria-label="View"
            value={search.view ?? 'table'}
            data={[
              { value: 'table', label: 'Table' },
              { value: 'timeline', label: 'Timeline' },
            ]}
            onChange={(view) => change({ view: view === 'timeline' ? 'timeline' : undefined })}
          />
        </Group>
      }
    >
      <FilterBar filter={filter} change={change} names={names} attributes />
      {search.view === 'timeline' ? (
        <Timeline
          filter={filter}
          rows={search.rows ?? 'agent'}
          change={change}
          clear={() => change(noneOf(filter))}
        />
      ) : (
        <TaskTable filter={filter} change={change} />
      )}
    </PageLayout>
  );
}

interface TaskTableProps {
  readonly filter: ListFilter;
  readonly change: (patch: ListFilter) => void;
}

function TaskTable({ filter, change }: TaskTableProps) {
  const navigate = route.useNavigate();
  const { query, more } = usePages<TaskJson>('/tasks', filter);
  const columns = useMemo(() => {
    const by = (name: FilterName) => (value: string) =>
      void navigate({ search: (before) => ({ ...before, [name]: value }) });
    return makeColumns(by);
  }, [navigate]);
  return (
    <QueryView
      query={query}
      isEmpty={(rows) => rows.length === 0}
      empty={
        <Message title="No task yet" detail="A task begins with the first span of an agent." />
      }
      filtered={{ active: isFiltered(filter), clear: () => change(noneOf(filter)) }}
    >
      {(rows) => (
        <DataTable
          label="Tasks"
          columns={columns}
          rows={rows}
          keyOf={(task) => task.id}
          open={({ id }) => void navigate({ to: '/tasks/$taskId', params: { taskId: id } })}
          more={more}
        />
      )}
    </QueryView>
  );
}

function makeColumns(
  by: (name: FilterName) => (value: string) => void,
): readonly Column<TaskJson>[] {
  return [
    { title: 'Created', width: 168, cell: (task) => <Time at={task.created_at} /> },
    { title: 'Task', width: 170, grow: true, cell: (task) => task.id },
    {
      title: 'Type',
      width: 90,
      cell: (task) => <CellFilter value={task.type} what="type" onFilter={by('task_type')} />,
    },
    {
      title: 'Agent',
      width: 140,
      cell: (task) => <CellFilter value={task.agent_id} what="agent" onFilter={by('agent_id')} />,
    },
    {
      title: 'Status',
      width: 100,
      cell: (task) => (
        <CellFilter value={task.status} what="status" onFilter={by('status')}>
          <StatusBadge status={task.status} />
        </CellFilter>
      ),
    },
    { title: 'Runs', width: 44, numeric: true, cell: (task) => formatCount(task.executions) },
    {
      title: 'Reward',
      width: 56,
      numeric: true,
      cell: (task) => formatNumber(task.reward?.mean ?? null),
    },
    {
      title: 'Tags',
      width: 84,
      cell: ({ tags }) =>
        tags.length === 0
          ? '–'
          : tags.map((tag, position) => (
              <Fragment key={tag}>
                {position > 0 && ', '}
                <CellFilter value={tag} what="tag" onFilter={by('tags')} />
              </Fragment>
            )),
    },
    {
      title: 'Session',
      width: 76,
      cell: (task) => (
        <CellFilter value={task.session_id} what="session" onFilter={by('session_id')} />
      ),
    },
  ];
}
