import type { RunSource } from '../../src/learning/units/select-runs';
import type { ClosedExecution } from '../../src/model/learning';
import type { Execution } from '../../src/model/task';
import { readerOf } from './memory-learning';

/** Runs in a list as a store lists and reads them, a page of three at a time; only agents are filtered. */
export function runSource(runs: readonly ClosedExecution[]): RunSource {
  return {
    reader: readerOf(runs),
    store: {
      async listExecutions({ agentId, cursor = '0' }) {
        const matching = runs.filter(({ agent }) => agentId === undefined || agent.id === agentId);
        const from = Number(cursor);
        const items = matching
          .slice(from, from + 3)
          .map(
            ({ id, agent, outcome }) =>
              ({ id, agent, closed: true, success: outcome.reward === 1 }) as unknown as Execution,
          );
        return { items, nextCursor: from + 3 < matching.length ? String(from + 3) : null };
      },
    },
  };
}
