import type { LearningFeed } from '../../model/ports-learning';
import type { LearningSettings } from './learning-settings';
import { createUnitCollector } from './unit-collector';
import type { UnitTable } from './unit-table';

/** Records read from the store at once. */
const pageSize = 500;

/**
 * The learner's own copy of what it learns from, in memory: it reads each record once and each change of an
 * outcome once, by cursor. It is made anew from the frozen records when a process starts, so that there is
 * nothing that a killed process could leave half written.
 */
export interface Follower {
  /** Reads what was admitted, and what was revised, since the last time. */
  follow(throughCut: number | undefined): Promise<void>;
  table(): UnitTable;
  /** Executions that are kept. */
  readonly size: number;
}

export function createFollower(
  feed: Pick<LearningFeed, 'readFrozen' | 'readOutcomeChanges'>,
  settings: LearningSettings,
): Follower {
  const collector = createUnitCollector(settings);
  let frozen = 0;
  let changed: number | 'now' = 'now';
  const follow = async (throughCut: number | undefined): Promise<void> => {
    // Changes of what is not read yet are in its record by the time that it is.
    for (;;) {
      const page = await feed.readOutcomeChanges(changed, pageSize);
      for (const { executionId, outcome } of page.changes) collector.revise(executionId, outcome);
      changed = page.cursor;
      if (page.changes.length === 0) break;
    }
    for (;;) {
      const page = await feed.readFrozen(frozen, pageSize, throughCut);
      for (const execution of page.executions) collector.add(execution);
      if (page.executions.length === 0) break;
      frozen = page.cursor;
    }
  };
  // One at a time, or a page would be read twice for nothing.
  let turn: Promise<void> = Promise.resolve();
  return {
    get size() {
      return collector.size;
    },
    follow(throughCut) {
      const own = turn.then(() => follow(throughCut));
      turn = own.catch(() => undefined);
      return own;
    },
    table: () => collector.table(),
  };
}
