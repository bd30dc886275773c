import type { SeriesJson, SeriesPointJson } from '../../wire';
import { toMillis } from '../format/format';
import type { ListFilter } from '../url/list-filter';
import type { MetricsSearch } from './metrics-search';
import { bucketMillis } from './time-scale';

/** Where the runs of a point are listed. */
export type RunsOf = (point: SeriesPointJson) => {
  readonly to: '/traces';
  readonly search: ListFilter;
};

/** The runs of one series: what the page filters by, the group of the series, the time of the point. */
export function runsOfSeries(
  search: MetricsSearch,
  group: SeriesJson['series'][number]['group'],
  bucket: SeriesJson['bucket'],
): RunsOf {
  const { agent_id, task_type, model } = search;
  const named = Object.fromEntries(Object.entries(group).filter(([, value]) => value !== null));
  return (point) => ({
    to: '/traces',
    search: {
      agent_id,
      task_type,
      model,
      ...named,
      start_time: point.start,
      end_time: new Date(toMillis(point.start) + bucketMillis[bucket]).toISOString(),
    },
  });
}
