import { createHash } from 'node:crypto';
import type { LedgerEntry } from '../../model/pattern';
import type { LearningMemory } from '../../model/ports-learning';
import type { Candidate } from '../candidates/candidate';
import { comparisonText, type Comparison } from '../comparison/comparison';

/** What the ledger says about one hypothesis. */
export interface Registration {
  /** Strata of its first test: they stay. */
  readonly strata: string;
  /** Number of the look that tested it first. */
  readonly firstLook: number;
  /** Number of the first look that promoted it. */
  readonly firstObservedLook: number | null;
  /** Tests on fresh units run so far. */
  readonly confirmationSteps: number;
  readonly confirmed: boolean;
  readonly demoted: boolean;
  /** Tests run since it was last marked as resolved. */
  readonly watchSteps: number;
  readonly last: LedgerEntry;
}

/** By pattern id. */
export type Registry = ReadonlyMap<string, Registration>;

const pageSize = 1_000;

/** Reads every test ever run. */
export async function readRegistry(memory: LearningMemory): Promise<Registry> {
  const registry = new Map<string, Registration>();
  let cursor: string | null = null;
  do {
    const page = await memory.readLedger(
      cursor === null ? { limit: pageSize } : { limit: pageSize, cursor },
    );
    for (const entry of page.items) registry.set(entry.patternId, extend(registry, entry));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return registry;
}

/**
 * Pattern id: predicate, dimension, context and what is compared decide it, so it survives re-learning.
 * Where the comparison changes because tasks begin to repeat, it is a new hypothesis.
 */
export function patternIdOf(
  { predicate, contextText }: Candidate,
  dimension: string,
  comparison: Comparison,
): string {
  const compared = comparisonText(comparison);
  const text = JSON.stringify([predicate.text, dimension, contextText, compared]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

const unknown: Omit<Registration, 'last'> = {
  strata: '',
  firstLook: Infinity,
  firstObservedLook: null,
  confirmationSteps: 0,
  confirmed: false,
  demoted: false,
  watchSteps: 0,
};

/** Tests may be read in any order; marks and the watches after them in theirs. */
function extend(registry: Registry, entry: LedgerEntry): Registration {
  const known = registry.get(entry.patternId);
  const before = known ?? unknown;
  if (known !== undefined && (entry.test === 'mark' || entry.test === 'watch')) {
    return { ...known, watchSteps: entry.test === 'mark' ? 0 : known.watchSteps + 1 };
  }
  const isFresh = entry.test === 'confirmation';
  const isPromoted = entry.status === 'observed' || entry.status === 'confirmed';
  return {
    strata: entry.look < before.firstLook ? entry.strata : before.strata,
    firstLook: Math.min(entry.look, before.firstLook),
    firstObservedLook: smallest(before.firstObservedLook, isPromoted ? entry.look : null),
    confirmationSteps: Math.max(before.confirmationSteps, isFresh ? (entry.step ?? 0) : 0),
    confirmed: before.confirmed || entry.status === 'confirmed',
    demoted: before.demoted || entry.status === 'demoted',
    watchSteps: before.watchSteps,
    last: known === undefined || entry.look >= known.last.look ? entry : known.last,
  };
}

function smallest(x: number | null, y: number | null): number | null {
  if (x === null || y === null) return x ?? y;
  return Math.min(x, y);
}
