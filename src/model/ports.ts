import type { Attributes } from './attributes';
import type {
  EvolutionStats,
  Page,
  PageRequest,
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
  SpanSkeleton,
} from './span';
import type { SqliteDriverName } from './sqlite-driver';
import type { AdaptationBook, ConfigurationBook } from './ports-adaptation';
import type { ExperimentBook } from './ports-experiments';
import type { ClosingDesk, LearningFeed, PatternBook } from './ports-learning';
import type { Upkeep } from './ports-upkeep';
import type { OperationReader } from './operation';
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
  /** Parts that stored records lost; see `IngestResult`. */
  readonly reduced: number;
  /** Why records, or the request as a whole, were not taken; equal ones as one. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  /** Of the body as it was sent. */
  readonly bytes: number;
  readonly seconds: number;
}

/** Requests that have arrived and are not stored yet. */
export interface OtlpLoad {
  /** Of their bodies, decompressed. */
  readonly bytes: number;
  /** Requests that wait for their turn. */
  readonly waiting: number;
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

export interface MigrationStatus {
  readonly current: number;
  readonly latest: number;
  readonly pending: readonly string[];
}

/** Tasks and executions, by hand and read. */
export interface TaskBook {
  createTask(task: NewTask): Promise<Task>;
  getTask(id: string): Promise<Task | null>;
  updateTask(id: string, change: TaskChange): Promise<Task>;
  listTasks(query: RecordFilter & PageRequest): Promise<Page<Task>>;

  createExecution(execution: NewExecution): Promise<Execution>;
  getExecution(id: string): Promise<Execution | null>;
  updateExecution(id: string, change: ExecutionChange): Promise<Execution>;
  listExecutions(query: RecordFilter & PageRequest): Promise<Page<Execution>>;
}

export interface SpanReader {
  querySpans(query: SpanQuery): Promise<Page<Span>>;
  /** The one span, or `null`; a bare span id works when unique, else `InputError` (`ambiguous`). */
  getSpan(address: SpanAddress | { readonly spanId: string }): Promise<Span | null>;
  /** All spans of a trace by (start, span id); empty when unknown. */
  getTrace(traceId: string): Promise<readonly Span[]>;
  /** The same without attributes, events, links and origin, of which none is read. */
  getTraceSkeleton(traceId: string): Promise<readonly SpanSkeleton[]>;
  listTraces(query: RecordFilter & PageRequest): Promise<Page<TraceSummary>>;
  queryByTags(
    tags: readonly string[],
    options?: PageRequest & { readonly match?: RecordFilter['tagMatch'] },
  ): Promise<Page<Span>>;
}

/** Links and tags by hand. */
export interface LinkBook {
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
}

export interface RewardBook {
  recordReward(reward: RewardClaim): Promise<Reward>;
  queryRewards(query: RewardQuery): Promise<Page<Reward>>;
}

/** Sums over what is stored. */
export interface StatsReader {
  getStats(query: StatsQuery): Promise<EvolutionStats>;
  listAgents(): Promise<readonly string[]>;
  getTotals(): Promise<StoreTotals>;
}

/**
 * The store room's door: the sum of its ports, one contract for SQLite and Postgres. Whoever needs one port asks for
 * that one. Reads see every acknowledged write.
 */
export interface EvolutionStore
  extends
    TaskBook,
    SpanReader,
    LinkBook,
    RewardBook,
    StatsReader,
    OperationReader,
    PatternBook,
    LearningFeed,
    ClosingDesk,
    Upkeep,
    ExperimentBook,
    AdaptationBook,
    ConfigurationBook,
    TokenBook {
  readonly dialect: 'sqlite' | 'postgres';
  /** The package that speaks to the database. */
  readonly driver: SqliteDriverName | 'pg';

  migrate(): Promise<MigrationStatus>;
  migrationStatus(): Promise<MigrationStatus>;

  /** Resolves after the commit; idempotent on (trace id, span id) and on reward ids. */
  write(batch: WriteBatch): Promise<IngestResult>;

  /** Key of the argument HMAC, 32 bytes, made at the first migration. */
  contentKey(): Promise<Uint8Array>;
  /** Writes one row and reads it back; for `/readyz` and `doctor`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
