import type { ListFilter } from '../url/list-filter';
import { readListFilter } from '../url/list-filter';
import type { RawSearch } from '../url/search-params';
import { readOneOf } from '../url/search-params';

export interface TasksSearch extends ListFilter {
  readonly view?: 'timeline' | undefined;
  /** Rows of the timeline. */
  readonly rows?: 'session' | 'task' | undefined;
}

export function readTasksSearch(raw: RawSearch): TasksSearch {
  return {
    ...readListFilter(raw),
    view: readOneOf(raw, 'view', ['timeline']),
    rows: readOneOf(raw, 'rows', ['session', 'task']),
  };
}
