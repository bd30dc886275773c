import type { Attributes } from './attributes';
import type { ClosedExecution } from './learning';
import type { LedgerEntry, Look, Pattern } from './pattern';
import type {
  EvolutionStats,
  Page,
  PageRequest,
  PatternQuery,
  RecordFilter,
  RewardQuery,
  SpanQuery,
  StatsQuery,
  StoreTotals,
  TraceSummary,
} from './query';
import type { Link, LinkClaim, Reward, RewardClaim } from './reward';
import type {
  AgentIdentity,
  InterpretedSpan,
  LogRecord,
  Span,
  SpanAddress,
  SpanRecord,
} from './span';
import type { AdaptationBook, ConfigurationBook } from './ports-adaptation';
import type { ExperimentBook } from './ports-experiments';
import type { Upkeep } from './ports-upkeep';
import type { Status } from './status';
import type { Execution, Task } from './task';
import type { TokenBook } from './token';

export interface Clock {
  /** Wall clock, nanoseconds since 1970. */
  nowUnixNano(): bigint;
}

/** What an entrance hands over at once. */
export interface IngestBatch {
  readonly spans: readonly SpanRecord[];
  readonly logs?: readonly LogRecord[] | undefined;
  readonly rewards?: readonly RewardClaim[] | undefined;
}

/** `index` counts within the batch's spans, `part` names the list it counts in. */
export interface Refusal {
  readonly part: 'spans' | 'logs' | 'rewards';
  readonly index: number;
  readonly reason: string;
}

export interface IngestResult {
  /** New rows and rows that were there already. */
  readonly accepted: number;
  /** Of the accepted: spans that were there already. */
  readonly duplicates: number;
  readonly refused: readonly Refusal[];
  /** Parts that accepted records lost (a tag, a link, the end of an id), and why; absent where none did. */
  readonly reduced?: readonly Refusal[];
}

/**
 * The door of ingestion. Resolves when everything accepted is durable (committed and synced);
 * rejects with `StoreUnavailableError` when nothing was stored and the same call may succeed later.
 */
export interface SpanSink {
  accept(batch: IngestBatch): Promise<IngestResult>;
}

/** One answered request, for metrics. */
export interface OtlpObservation {
  readonly signal: 'traces' | 'logs';
  readonly status: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  /** Of the body as it was sent. */
  readonly bytes: number;
  readonly seconds: number;
}

export interface WriteBatch {
  readonly spans: readonly InterpretedSpan[];
  readonly rewards: readonly RewardClaim[];
}

export interface NewTask {
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  readonly input?: string | undefined;
  readonly status?: Status | undefined;
  readonly agentId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

export interface TaskChange {
  readonly type?: string | undefined;
  readonly input?: string | undefined;
  readonly status?: Status | undefined;
  readonly tags?: readonly string[] | undefined;
}

export interface NewExecution {
  readonly id?: string | undefined;
  readonly taskId: string;
  readonly attempt?: number | undefined;
  readonly replication?: number | undefined;
  readonly agent?: Partial<AgentIdentity> | undefined;
  readonly config?: Attributes | undefined;
  readonly status?: Status | undefined;
  readonly tags?: readonly string[] | undefined;
}

export interface ExecutionChange {
  readonly status?: Status | undefined;
  readonly tags?: readonly string[] | undefined;
}

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

export interface MigrationStatus {
  readonly current: number;
  readonly latest: number;
  readonly pending: readonly string[];
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

/** The same by cursor, for a learner that goes on where it was. */
export interface LearningFeed extends ExecutionReader {
  /** Records closed after the cursor, at most `limit`. */
  readFrozen(afterCursor: number, limit: number): Promise<FrozenPage>;
  /** Outcomes revised after the cursor; one that was revised twice comes twice, as it is now. */
  readOutcomeChanges(afterCursor: number, limit: number): Promise<OutcomePage>;
}

/** What the learner remembers; a look, its patterns and its tests are stored in one transaction. */
export interface LearningMemory {
  readLooks(): Promise<readonly Look[]>;
  recordLook(
    look: Look,
    patterns: readonly Pattern[],
    entries: readonly LedgerEntry[],
  ): Promise<void>;
  /** Tests between looks, and the patterns that they change, in one transaction. */
  recordTests(patterns: readonly Pattern[], entries: readonly LedgerEntry[]): Promise<void>;
  readLedger(page: PageRequest): Promise<Page<LedgerEntry>>;
  /** The most certain first. */
  queryPatterns(query: PatternQuery): Promise<Page<Pattern>>;
}

/** The store room's door; one contract for SQLite and Postgres. Reads see every acknowledged write. */
export interface EvolutionStore
  extends
    LearningFeed,
    LearningMemory,
    Upkeep,
    ExperimentBook,
    AdaptationBook,
    ConfigurationBook,
    TokenBook {
  readonly dialect: 'sqlite' | 'postgres';

  migrate(): Promise<MigrationStatus>;
  migrationStatus(): Promise<MigrationStatus>;

  /** Resolves after the commit; idempotent on (trace id, span id) and on reward ids. */
  write(batch: WriteBatch): Promise<IngestResult>;

  createTask(task: NewTask): Promise<Task>;
  getTask(id: string): Promise<Task | null>;
  updateTask(id: string, change: TaskChange): Promise<Task>;
  listTasks(query: RecordFilter & PageRequest): Promise<Page<Task>>;

  createExecution(execution: NewExecution): Promise<Execution>;
  getExecution(id: string): Promise<Execution | null>;
  updateExecution(id: string, change: ExecutionChange): Promise<Execution>;
  listExecutions(query: RecordFilter & PageRequest): Promise<Page<Execution>>;

  querySpans(query: SpanQuery): Promise<Page<Span>>;
  /** The one span, or `null`; a bare span id works when unique, else `InputError` (`ambiguous`). */
  getSpan(address: SpanAddress | { readonly spanId: string }): Promise<Span | null>;
  /** All spans of a trace by (start, span id); empty when unknown. */
  getTrace(traceId: string): Promise<readonly Span[]>;
  listTraces(query: RecordFilter & PageRequest): Promise<Page<TraceSummary>>;

  createLink(from: SpanAddress, link: LinkClaim): Promise<Link>;
  queryLinks(page: PageRequest & { readonly traceId?: string | undefined }): Promise<Page<Link>>;
  /** Spans linked from (`outgoing`) or to (`incoming`) a span. */
  queryLinkedSpans(
    address: SpanAddress,
    options?: {
      readonly direction?: 'outgoing' | 'incoming' | undefined;
      readonly type?: string | undefined;
    },
  ): Promise<readonly Span[]>;
  /** Adds tags to a span; it may come later. */
  tagSpan(address: SpanAddress, tags: readonly string[]): Promise<void>;
  queryByTags(
    tags: readonly string[],
    options?: PageRequest & { readonly match?: RecordFilter['tagMatch'] },
  ): Promise<Page<Span>>;

  recordReward(reward: RewardClaim): Promise<Reward>;
  queryRewards(query: RewardQuery): Promise<Page<Reward>>;

  storePattern(pattern: Pattern): Promise<void>;
  getPattern(id: string): Promise<Pattern | null>;
  queryPatterns(query: PatternQuery): Promise<Page<Pattern>>;

  getStats(query: StatsQuery): Promise<EvolutionStats>;
  listAgents(): Promise<readonly string[]>;
  getTotals(): Promise<StoreTotals>;

  /** Closes what the rule allows; returns how many executions closed now. */
  closeExecutions(options: CloseOptions): Promise<number>;
  /** Admits every closed execution that no cut holds yet. */
  admitCut(nowUnixNano: bigint): Promise<Cut>;

  /** Key of the argument HMAC, 32 bytes, made at the first migration. */
  contentKey(): Promise<Uint8Array>;
  /** Writes one row and reads it back; for `/readyz` and `doctor`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
