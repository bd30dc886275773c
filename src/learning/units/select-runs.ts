import type { ClosedExecution } from '../../model/learning';
import type { TaskBook } from '../../model/ports';
import type { ExecutionReader } from '../../model/ports-learning';
import type { RecordFilter } from '../../model/query';
import type { Execution } from '../../model/task';

/** Where stored runs are looked for, and read as the learner sees them. */
export interface RunSource {
  readonly reader: ExecutionReader;
  readonly store: Pick<TaskBook, 'listExecutions'>;
}

/** A selection holds the latest of those that match, at most, */
const maxSelectedRuns = 10_000;
/** found among so many of the latest that the filter names. */
const maxListedRuns = 50_000;
const pageSize = 1_000;
const readSize = 500;

export interface SelectedRuns {
  readonly ids: readonly string[];
  /** More runs match, or may. */
  readonly truncated: boolean;
}

/** Ids of the latest closed runs that match. */
export async function selectRuns(
  { store }: RunSource,
  filter: RecordFilter,
  isWanted: (run: Execution) => boolean = () => true,
): Promise<SelectedRuns> {
  const ids: string[] = [];
  let listed = 0;
  let cursor: string | undefined;
  do {
    const page = await store.listExecutions({ ...filter, limit: pageSize, cursor });
    for (const run of page.items) if (run.closed && isWanted(run)) ids.push(run.id);
    listed += page.items.length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && ids.length <= maxSelectedRuns && listed < maxListedRuns);
  const truncated = cursor !== undefined || ids.length > maxSelectedRuns;
  return { ids: ids.slice(0, maxSelectedRuns), truncated };
}

/** The runs one after the other, read in parts. */
export async function* readRuns(
  { reader }: RunSource,
  ids: readonly string[],
): AsyncGenerator<ClosedExecution> {
  for (let from = 0; from < ids.length; from += readSize) {
    yield* reader.readClosedExecutions({ executionIds: ids.slice(from, from + readSize) });
  }
}
