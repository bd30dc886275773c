import { InputError } from '../../errors';
import type { Removal, RemovalQuery } from '../../model/ports-upkeep';
import type { Database } from '../database/database';
import { countOldest, type Limit, removeOldest, type RemovalWork } from './remove-oldest';
import { countWhole, removeWhole } from './remove-whole';
import type { WholeQuery } from './find-subject';
import { dropUnused, dropUnusedTags } from './shared-rows';

/**
 * Removes what is asked for, a bounded part of it in each transaction. By age or size what was summed up of it stays; by
 * task, session or user it goes too, frozen records and all.
 */
export async function remove(
  database: Database,
  query: RemovalQuery,
  work: Pick<RemovalWork, 'write' | 'spansPerSlice'>,
  /** Waits until what follows from a removal is derived. */
  derived: () => Promise<unknown>,
): Promise<Removal> {
  const wanted = wantedOf(query);
  if (query.dryRun) {
    return 'kind' in wanted ? countWhole(database, wanted) : countOldest(database, wanted);
  }
  const parts = { ...work, onProgress: query.onProgress, signal: query.signal };
  if ('kind' in wanted) {
    const { removed, shared } = await removeWhole(database, wanted, parts);
    await derived();
    await dropUnused(database, shared);
    await dropUnusedTags(database, shared);
    return removed;
  }
  const { removed, shared } = await removeOldest(database, wanted, parts);
  // Executions outlive their spans, and show their tags.
  await dropUnused(database, shared);
  return removed;
}

function wantedOf(query: RemovalQuery): Limit | WholeQuery {
  const { olderThanUnixNano, maxBytes, taskId, sessionId, userId } = query;
  const wanted = [
    olderThanUnixNano === undefined ? null : { olderThanUnixNano },
    maxBytes === undefined ? null : { maxBytes },
    taskId === undefined ? null : { kind: 'task' as const, id: taskId },
    sessionId === undefined ? null : { kind: 'session' as const, id: sessionId },
    userId === undefined ? null : { kind: 'user' as const, id: userId },
  ].filter((one) => one !== null);
  const [first] = wanted;
  if (first === undefined || wanted.length > 1) {
    throw new InputError(
      'Expected an age, a size, a task, a session or a user to remove, and one of them only.',
    );
  }
  if ('maxBytes' in first && !(Number.isSafeInteger(first.maxBytes) && first.maxBytes >= 0)) {
    throw new InputError(`Expected a size in whole bytes from 0, got ${first.maxBytes}.`);
  }
  return first;
}
