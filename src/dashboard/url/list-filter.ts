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
  role: 'Role',
  tags: 'Tag',
  session_id: 'Session',
  status: 'Status',
  experiment_id: 'Experiment',
  variant: 'Variant',
  adaptation_id: 'Adaptation',
  start_time: 'Since',
  end_time: 'Until',
  min_duration_ms: 'At least, ms',
  max_duration_ms: 'Below, ms',
} as const;

export type FilterName = keyof typeof filterNames;

/** A span attribute, or a setting of the run, by its key. */
export type KeyedFilter = `attribute.${string}` | `config.${string}`;

export type FilterKey = FilterName | KeyedFilter;

export type ListFilter = { readonly [K in FilterName]?: string | undefined } & {
  readonly [K in KeyedFilter]?: string | undefined;
};

const names = Object.keys(filterNames) as FilterName[];

export function readListFilter(raw: RawSearch): ListFilter {
  const keyed = Object.keys(raw).filter(isKeyed);
  return Object.fromEntries([...names, ...keyed].map((name) => [name, readText(raw, name)]));
}

function isKeyed(name: string): name is KeyedFilter {
  return /^(attribute|config)\../.test(name);
}

/** Those that are set. */
export function filtersOf(filter: ListFilter): readonly (readonly [FilterKey, string])[] {
  return Object.entries(filter).flatMap(([name, value]) =>
    typeof value === 'string' && (name in filterNames || isKeyed(name))
      ? [[name as FilterKey, value] as const]
      : [],
  );
}

export function filterTitle(name: FilterKey): string {
  return isKeyed(name) ? name.replace(/^attribute\./, '') : filterNames[name];
}

export function isFiltered(filter: ListFilter): boolean {
  return filtersOf(filter).length > 0;
}

/** What takes every filter away that is set. */
export function noneOf(filter: ListFilter): ListFilter {
  return Object.fromEntries(filtersOf(filter).map(([name]) => [name, undefined]));
}

/** The filter within what else a page keeps in its address. */
export function pickFilter(search: ListFilter): ListFilter {
  return Object.fromEntries(filtersOf(search));
}
