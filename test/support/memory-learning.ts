import type { ClosedExecution } from '../../src/model/learning';
import type { LedgerEntry, Look, Pattern } from '../../src/model/pattern';
import type { Clock } from '../../src/model/ports';
import type { ExecutionReader, LearningMemory } from '../../src/model/ports-learning';

/** Executions in a list, as the learner reads them; `agentId` filters, cuts do not exist. */
export function readerOf(executions: readonly ClosedExecution[]): ExecutionReader {
  return {
    countClosedExecutions: async () => executions.length,
    async *readClosedExecutions({ agentId, executionIds }) {
      const wanted = executionIds && new Set(executionIds);
      for (const execution of executions) {
        if (agentId !== undefined && execution.agent.id !== agentId) continue;
        if (wanted === undefined || wanted.has(execution.id)) yield execution;
      }
    },
  };
}

/** The learner's memory in lists, so that simulations of many looks stay fast. */
export interface ListMemory extends LearningMemory {
  readonly looks: Look[];
  readonly entries: LedgerEntry[];
  /** By id; a later look replaces. */
  readonly patterns: Map<string, Pattern>;
}

export function listMemory(): ListMemory {
  const looks: Look[] = [];
  const entries: LedgerEntry[] = [];
  const patterns = new Map<string, Pattern>();
  return {
    looks,
    entries,
    patterns,
    readLooks: async () => [...looks],
    async recordLook(look, found, tests) {
      looks.push(look);
      entries.push(...tests);
      for (const pattern of found) patterns.set(pattern.id, pattern);
    },
    async recordTests(found, tests) {
      entries.push(...tests);
      for (const pattern of found) patterns.set(pattern.id, pattern);
      for (const { patternId, life } of tests) {
        const pattern = patterns.get(patternId);
        if (life !== undefined && pattern) patterns.set(patternId, { ...pattern, life });
      }
    },
    queryPatterns: async () => ({ items: [...patterns.values()], nextCursor: null }),
    async readLedger({ limit = 100, cursor, patternId }) {
      const from = cursor === undefined ? 0 : Number(cursor);
      const asked = entries.filter((e) => patternId === undefined || e.patternId === patternId);
      const items = asked.slice(from, from + limit);
      const end = from + items.length;
      return { items, nextCursor: end < asked.length ? String(end) : null };
    },
  };
}

/** A clock that moves one millisecond at each reading. */
export function steppingClock(startUnixNano = 1_800_000_000_000_000_000n): Clock {
  let now = startUnixNano;
  return {
    nowUnixNano() {
      now += 1_000_000n;
      return now;
    },
  };
}
