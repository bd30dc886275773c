import type { ClosedExecution } from '../../src/model/learning';
import type { ExposureReader, LearningFeed, OutcomeChange } from '../../src/model/ports-learning';

/** Runs in the order of closing and outcomes that changed since, in lists that may grow. */
export function feedOf(
  runs: readonly ClosedExecution[],
  changes: readonly OutcomeChange[] = [],
): ExposureReader & Pick<LearningFeed, 'readOutcomeChanges'> {
  return {
    readExposed({ kind, id }, afterCursor, limit) {
      const own = runs.flatMap((execution, index) => {
        const isOwn = execution.exposures.some(
          (one) => (kind === 'experiment' ? one.experimentId : one.adaptationId) === id,
        );
        return isOwn && index + 1 > afterCursor ? [{ execution, cursor: index + 1 }] : [];
      });
      const page = own.slice(0, limit);
      const executions = page.map(({ execution }) => execution);
      return Promise.resolve({ executions, cursor: page.at(-1)?.cursor ?? afterCursor });
    },
    readOutcomeChanges(afterCursor, limit) {
      const from = afterCursor === 'now' ? changes.length : afterCursor;
      const page = afterCursor === 'now' ? [] : changes.slice(from, from + limit);
      return Promise.resolve({ changes: page, cursor: from + page.length });
    },
  };
}
