import { Group, NativeSelect, SegmentedControl, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { SeriesJson } from '../../wire';
import { getJson } from '../api/http';
import { plural } from '../format/format';
import { FilterBar } from '../ui/filter-bar';
import { Message } from '../ui/message';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import type { ListFilter } from '../url/list-filter';
import { noneOf } from '../url/list-filter';
import { Legend } from './legend';
import { useMarkers } from './markers';
import { measures } from './measures';
import type { MetricsSearch } from './metrics-search';
import { groupings } from './metrics-search';
import { runsOfSeries } from './runs-of';
import type { NamedSeries } from './named-series';
import { SeriesChart } from './series-chart';
import { MarkerTable } from './marker-table';
import { SeriesTable } from './series-table';
import { timeScaleOf } from './time-scale';
import classes from './metrics.module.css';

const route = getRouteApi('/series');

/** As many lines can be told apart; the others are named. */
const mostSeries = 6;

/** How agents did over time, with what changed meanwhile; a point leads to its runs. */
export function MetricsPage() {
  usePageTitle('Metrics');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (patch: MetricsSearch): void =>
    void navigate({ search: (before) => ({ ...before, ...patch }) });
  const { group_by: groupBy, bucket = 'day' } = search;
  const query = useQuery({
    queryKey: ['/metrics', search],
    queryFn: ({ signal }) => getJson<SeriesJson>('/metrics', { ...search, bucket }, signal),
    placeholderData: keepPreviousData,
  });
  const { start_time, end_time, agent_id, task_type, model } = search;
  const filter: ListFilter = { start_time, end_time, agent_id, task_type, model };
  const active = Object.values(filter).some((value) => value !== undefined);
  return (
    <PageLayout title="Metrics">
      <Group gap="sm" mb="sm">
        <SegmentedControl
          size="xs"
          aria-label="Point"
          value={bucket}
          data={[
            { value: 'day', label: 'By day' },
            { value: 'hour', label: 'By hour' },
          ]}
          onChange={(chosen) => change({ bucket: chosen === 'hour' ? 'hour' : undefined })}
        />
        <NativeSelect
          size="xs"
          aria-label="A line for each"
          value={groupBy ?? ''}
          data={[
            { value: '', label: 'All runs together' },
            { value: 'agent_id', label: 'A line for each agent' },
            { value: 'task_type', label: 'A line for each task type' },
            { value: 'model', label: 'A line for each model' },
          ]}
          onChange={({ currentTarget: { value } }) =>
            change({ group_by: groupings.find((key) => key === value) })
          }
        />
      </Group>
      <FilterBar
        filter={filter}
        change={(patch) => change(patch)}
        names={['agent_id', 'task_type', 'model', 'start_time', 'end_time']}
      />
      <QueryView
        query={query}
        isEmpty={({ series }) => series.length === 0}
        empty={<Message title="No run has been stored yet" />}
        filtered={{ active, clear: () => change(noneOf(filter)) }}
      >
        {(answer) => <Charts answer={answer} search={search} />}
      </QueryView>
    </PageLayout>
  );
}

interface ChartsProps {
  readonly answer: SeriesJson;
  readonly search: MetricsSearch;
}

function Charts({ answer: { series, bucket }, search }: ChartsProps) {
  const happened = useMarkers(search);
  const named = series.map(({ group, points }) => ({
    name:
      Object.values(group)
        .map((value) => value ?? 'unknown')
        .join(', ') || 'all runs',
    points,
    runsOf: runsOfSeries(search, group, bucket),
  }));
  const shown = [...named].sort((a, b) => runs(b) - runs(a)).slice(0, mostSeries);
  const scale = timeScaleOf(shown, bucket);
  if (scale === null) return null;
  const markers = happened.filter(({ at }) => at >= scale.from && at <= scale.to);
  const drawn = measures.filter(({ value }) =>
    shown.some(({ points }) => points.some((point) => value(point) !== null)),
  );
  return (
    <>
      <Legend names={shown.map(({ name }) => name)} markers={markers} />
      {named.length > shown.length && (
        <Text size="sm" c="dimmed" mb="xs">
          The {shown.length} with most runs are drawn;{' '}
          {plural(named.length - shown.length, 'other')} in the table.
        </Text>
      )}
      <div className={classes.charts}>
        {drawn.map((measure) => (
          <SeriesChart key={measure.id} {...{ measure, series: shown, scale, bucket, markers }} />
        ))}
      </div>
      <SeriesTable series={named} measures={drawn} />
      {markers.length > 0 && <MarkerTable markers={markers} />}
    </>
  );
}

function runs({ points }: NamedSeries): number {
  return points.reduce((sum, { executions }) => sum + executions, 0);
}
