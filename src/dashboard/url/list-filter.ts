import type { RawSearch } from './search-params';
import { readText } from './search-params';

/** Plain filters of every list, by their name in the address; the API calls them the same. */
export const filterNames = {
  task_id: 'Task',
  execution_id: 'Execution',
  task_type: 'Type',
  agent_id: 'Agent',
  model: 'Model',
  tool: 'Tool',
  tags: 'Tag',
  session_id: 'Session',
  status: 'Status',
  start_time: 'Since',
  end_time: 'Until',
} as const;

export type FilterName = keyof typeof filterNames;

export type ListFilter = { readonly [K in FilterName]?: string | undefined };

export function readListFilter(raw: RawSearch): ListFilter {
  const names = Object.keys(filterNames) as FilterName[];
  return Object.fromEntries(names.map((name) => [name, readText(raw, name)]));
}

export function isFiltered(filter: ListFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

export const noFilter: ListFilter = readListFilter({});

/** The filter within what else a page keeps in its address. */
export function pickFilter(search: ListFilter): ListFilter {
  const names = Object.keys(filterNames) as FilterName[];
  return Object.fromEntries(names.map((name) => [name, search[name]]));
}
