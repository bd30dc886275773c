import type { Attributes } from './attributes';
import type { InterpretedSpan, Span } from './span';

/** What the store does in the background, as it stands. */
export interface JobState {
  /** Waiting to be derived. */
  readonly backlog: { readonly traces: number; readonly executions: number };
  /** Could not be derived, and wait for something new. */
  readonly failed: { readonly traces: number; readonly executions: number };
  /** Why, of the first few. */
  readonly errors: readonly { readonly traceId: string; readonly reason: string }[];
  /** Id of the process that derives; `null` while none does. */
  readonly leaseHolder: string | null;
  /** Of this process. */
  readonly slices: number;
  readonly failures: number;
  readonly lastSliceMillis: number;
  /** Spans that came to this process whose operation is not listed, since there was no room; they are stored all the same. */
  readonly unlistedSpans: number;
  readonly lastCloseUnixNano: bigint | null;
  /** Attribute keys of links and rewards by query: known, and of these still being indexed. */
  readonly matchKeys: {
    readonly known: number;
    readonly waiting: number;
    /** Links and rewards that this process refused, since there was no room for their keys. */
    readonly refusedClaims: number;
  };
  readonly retention: RetentionState;
  /** Why the learner, when it looked last, could learn nothing from these runs; `null` when it could. */
  readonly learningRefusal: string | null;
}

/** What this process keeps in the background, and what has been removed since the database was made, whichever process did it. */
export interface RetentionState {
  /** Traces of closed executions that started longer ago are removed; `null` where this process removes none by age. */
  readonly maxAgeMillis: number | null;
  /** Bytes of data above which the oldest traces are removed; `null` where this process removes none by size. */
  readonly maxBytes: number | null;
  /** When something was last removed, or old traces were last looked for. */
  readonly lastRunUnixNano: bigint | null;
  readonly removedTraces: number;
  readonly removedSpans: number;
}

/** Runs that started in one hour. */
export interface HourlyFigures {
  readonly hourUnixNano: bigint;
  readonly agentId: string | null;
  readonly taskType: string | null;
  /** Of the first LLM call. */
  readonly model: string | null;
  readonly executions: number;
  readonly failed: number;
  readonly judged: number;
  readonly successes: number;
  /** Runs with a reward. */
  readonly rewarded: number;
  readonly meanReward: number | null;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of known cost. */
  readonly costUsd: number;
  /** Ended runs with real times. */
  readonly timed: number;
  /** Over these, milliseconds. */
  readonly meanLatencyMs: number | null;
}

export interface HourlyQuery {
  readonly sinceUnixNano?: bigint | undefined;
  readonly untilUnixNano?: bigint | undefined;
  readonly agentId?: string | undefined;
  readonly taskType?: string | undefined;
  readonly model?: string | undefined;
}

export interface LatencyQuery extends HourlyQuery {
  /** Length of a bucket, nanoseconds, from 1970 on. */
  readonly bucketNanos: bigint;
  /** A row for each combination of these. */
  readonly groupBy: readonly ('agentId' | 'taskType' | 'model')[];
}

/** Of the ended runs with real times that started in a bucket; nearest rank, milliseconds. */
export interface LatencyFigures {
  readonly startUnixNano: bigint;
  /** `null` also where it was not grouped by. */
  readonly agentId: string | null;
  readonly taskType: string | null;
  readonly model: string | null;
  readonly p50: number;
  readonly p95: number;
}

export type VersionQuery = Pick<HourlyQuery, 'agentId' | 'sinceUnixNano' | 'untilUnixNano'>;

/** A version of an agent, and when the first of its closed runs began. */
export interface AgentVersion {
  readonly agentId: string;
  readonly version: string;
  readonly firstStartUnixNano: bigint;
}

/**
 * What is to be removed: exactly one of these. By age or size only spans go, of closed executions, and what was summed up
 * of them stays with its judgements; by task, session or user everything goes.
 */
export interface RemovalQuery {
  /** Traces that started before; those whose start no clock can have meant, by when they came. */
  readonly olderThanUnixNano?: bigint | undefined;
  /** The traces that came first, until the data takes no more bytes than this. */
  readonly maxBytes?: number | undefined;
  readonly taskId?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Executions with a span or a resource whose `user.id` (`enduser.id`, `langfuse.user.id`, `userId`, …) is this. */
  readonly userId?: string | undefined;
  /** Count only; by size an estimate. @defaultValue false */
  readonly dryRun?: boolean | undefined;
  /** Hears what has gone so far, after each part. */
  readonly onProgress?: ((removed: Removal) => void) | undefined;
  /** Stops after the part that runs. */
  readonly signal?: AbortSignal | undefined;
}

export interface Removal {
  readonly traces: number;
  readonly spans: number;
  /** With all that is known of them; 0 by age and size. */
  readonly executions: number;
}

/** Bytes of the database on its disk. */
export interface DatabaseSize {
  readonly total: number;
  /** Without what is free for new rows; on Postgres an estimate. */
  readonly used: number;
}

/**
 * How space was given back. `pages`: free pages, in parts. `rewritten`: the file was made without them and was written
 * anew. `kept`: the server keeps free space for new rows.
 */
export interface Reclaimed {
  readonly how: 'pages' | 'rewritten' | 'kept';
  readonly before: DatabaseSize;
  readonly after: DatabaseSize;
}

/** What may be kept of content that is no span's. */
export interface Redaction {
  /** Of the root span of an agent. */
  readonly rootAttributes: (attributes: Attributes) => Attributes;
  readonly config: (config: Attributes) => Attributes;
  readonly taskInput: (input: string | undefined) => string | undefined;
}

export interface ReinterpretOptions {
  /** What a stored span means today, and what of it may be kept. */
  readonly interpret: (span: Span) => InterpretedSpan;
  /** Takes content out of records and of what was said by hand, too. */
  readonly redact?: Redaction | undefined;
  /** In keys of spans. */
  readonly onProgress?:
    ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Stops after the slice that runs; the next call goes on there. */
  readonly signal?: AbortSignal | undefined;
}

export interface Reinterpreted {
  /** In force since. */
  readonly version: number;
  readonly spans: number;
  /** Of these: spans that mean, or hold, something else now. */
  readonly changed: number;
  /** It went on where another was stopped. */
  readonly resumed: boolean;
  readonly finished: boolean;
}

/** Work that one process of all does at a time. */
export interface WorkLease {
  /**
   * Call it before each piece of work. `false` while another process holds it and has called within the take-over
   * time, by this process's own monotonic clock.
   */
  take(): Promise<boolean>;
  release(): Promise<void>;
}

/** Looking after a store. */
export interface Upkeep {
  readJobs(): Promise<JobState>;
  /** By hour, at most 10,000 rows. */
  readHourly(query: HourlyQuery): Promise<readonly HourlyFigures[]>;
  /** Percentiles by bucket and group; `null` for a range with more than 200,000 runs, of which none is read. */
  readLatencies(query: LatencyQuery): Promise<readonly LatencyFigures[] | null>;
  /** Those whose first run began in the range, the latest first, at most 200. */
  readVersions(query: VersionQuery): Promise<readonly AgentVersion[]>;
  /**
   * Why nothing can be learned from these runs, as the learner saw it last; `null` when it can.
   */
  noteLearningRefusal(reason: string | null): Promise<void>;
  /** In parts, so that others get their turn; while others write they get most of the time. */
  remove(query: RemovalQuery): Promise<Removal>;
  openLease(name: string, takeoverMillis: number): WorkLease;
  /** Reads every stored span again, in slices; frozen records keep their `meaningVersion`. */
  reinterpret(options: ReinterpretOptions): Promise<Reinterpreted>;
  /** Derives what is dirty for at most so long; whether nothing is left. */
  derive(maxMillis: number): Promise<boolean>;
  measure(): Promise<DatabaseSize>;
  /** Looks for damage: all of a SQLite file of up to 1 GiB, else a part unless `everything` is wanted. */
  inspect(everything: boolean): Promise<{
    readonly whole: boolean;
    readonly problems: readonly string[];
  }>;
  /** Gives what removals left free back to the disk, as far as the database can. */
  reclaim(): Promise<Reclaimed>;
  /** Copies a SQLite database into a new file, while it is in use. */
  backup(file: string): Promise<void>;
}

/** One thing that `doctor` looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What mends it. */
  readonly hint: string | null;
}
