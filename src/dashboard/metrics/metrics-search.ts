import type { RawSearch } from '../url/search-params';
import { readOneOf, readText } from '../url/search-params';

export const groupings = ['agent_id', 'task_type', 'model'] as const;

export interface MetricsSearch {
  readonly bucket?: 'hour' | undefined;
  readonly group_by?: (typeof groupings)[number] | undefined;
  readonly agent_id?: string | undefined;
  readonly task_type?: string | undefined;
  readonly model?: string | undefined;
  readonly start_time?: string | undefined;
  readonly end_time?: string | undefined;
}

export function readMetricsSearch(raw: RawSearch): MetricsSearch {
  return {
    bucket: readOneOf(raw, 'bucket', ['hour']),
    group_by: readOneOf(raw, 'group_by', groupings),
    agent_id: readText(raw, 'agent_id'),
    task_type: readText(raw, 'task_type'),
    model: readText(raw, 'model'),
    start_time: readText(raw, 'start_time'),
    end_time: readText(raw, 'end_time'),
  };
}
