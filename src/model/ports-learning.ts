import type { ClosedExecution } from './learning';
import type { LedgerEntry, Look, Pattern, PatternLife } from './pattern';
import type { Page, PageRequest, PatternQuery } from './query';

/** A set of executions that the learner admitted together, in canonical order. */
export interface Cut {
  /** From 1. */
  readonly number: number;
  readonly executions: number;
}

export interface CloseOptions {
  readonly nowUnixNano: bigint;
  /**
   * `settled`: explicit status, or root ended and 30 s quiet, or idle for 1 h.
   * `ended`: in addition everything whose root has ended (end of an import, `flush()`, manual `learn`).
   */
  readonly rule: 'settled' | 'ended';
}

/** Closed executions in the order of closing. */
export interface FrozenPage {
  readonly executions: readonly ClosedExecution[];
  /** Of the last one; give it to the next read. From 0. */
  readonly cursor: number;
}

/** A closed execution whose outcome is another now. */
export interface OutcomeChange {
  readonly executionId: string;
  readonly outcome: Readonly<Record<string, number>>;
}

export interface OutcomePage {
  readonly changes: readonly OutcomeChange[];
  readonly cursor: number;
}

/**
 * What the learner reads: a record of each closed execution as it stood at closing, which nothing changes, and its
 * outcome, which may be revised. No span is read for it.
 */
export interface ExecutionReader {
  /** In canonical order: (root start, execution id). */
  readClosedExecutions(filter: {
    readonly throughCut?: number | undefined;
    readonly agentId?: string | undefined;
    readonly executionIds?: readonly string[] | undefined;
  }): AsyncIterable<ClosedExecution>;
  /** `judged`: only those with an outcome from rewards. */
  countClosedExecutions(filter?: { readonly judged?: boolean | undefined }): Promise<number>;
}

/** What runs were exposed to: an experiment by its id or flag key, or an adaptation. */
export interface ExposureSubject {
  readonly kind: 'experiment' | 'adaptation';
  readonly id: string;
  /** Only records that were closed at this time or later, by the store's clock. */
  readonly closedSinceUnixNano?: bigint | undefined;
}

export interface ExposureReader {
  /** Records of the runs that were exposed, in the order of closing, at most `limit` after the cursor (0: from the first). */
  readExposed(subject: ExposureSubject, afterCursor: number, limit: number): Promise<FrozenPage>;
}

/** The same by cursor, for a learner that goes on where it was. */
export interface LearningFeed extends ExecutionReader, ExposureReader {
  /** Records closed after the cursor, at most `limit`; with a cut, those that it and earlier ones admitted. */
  readFrozen(afterCursor: number, limit: number, throughCut?: number): Promise<FrozenPage>;
  /**
   * Outcomes revised after the cursor; one that was revised twice comes twice, as it is now. `now` gives none, and
   * the cursor for those to come.
   */
  readOutcomeChanges(afterCursor: number | 'now', limit: number): Promise<OutcomePage>;
}

/** Patterns, looks and the ledger; a look, its patterns and its tests are stored in one transaction. */
export interface PatternBook {
  storePattern(pattern: Pattern): Promise<void>;
  getPattern(id: string): Promise<Pattern | null>;
  /** The most certain first. */
  queryPatterns(query: PatternQuery): Promise<Page<Pattern>>;
  readLooks(): Promise<readonly Look[]>;
  recordLook(
    look: Look,
    patterns: readonly Pattern[],
    entries: readonly LedgerEntry[],
  ): Promise<void>;
  /**
   * Tests between looks, and the patterns that they change, in one transaction. An entry with a `life` reopens
   * its finding, unless somebody has marked it anew meanwhile. A test is recorded once: whoever comes second with
   * it gets the error `conflict`.
   */
  recordTests(patterns: readonly Pattern[], entries: readonly LedgerEntry[]): Promise<void>;
  /** Every test ever run, or those of one pattern, in their order. */
  readLedger(
    query: PageRequest & { readonly patternId?: string | undefined },
  ): Promise<Page<LedgerEntry>>;
  /**
   * Writes what somebody made of a finding, and the ledger's entry of it.
   *
   * @throws NotFoundError for an id that is unknown
   */
  markPattern(id: string, life: PatternLife): Promise<Pattern>;
}

/** What the learner remembers between its looks. */
export type LearningMemory = Pick<
  PatternBook,
  'queryPatterns' | 'readLooks' | 'recordLook' | 'recordTests' | 'readLedger'
>;

/** Ends executions, so that they are frozen and admitted for learning. */
export interface ClosingDesk {
  /** Closes what the rule allows; returns how many executions closed now. */
  closeExecutions(options: CloseOptions): Promise<number>;
  /** Admits every closed execution that no cut holds yet. */
  admitCut(nowUnixNano: bigint): Promise<Cut>;
}
