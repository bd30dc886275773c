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
  readonly lastCloseUnixNano: bigint | null;
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

/**
 * What is to be removed: exactly one of these. By age only spans go, and what was summed up of them stays; by task or
 * session everything goes.
 */
export interface RemovalQuery {
  /** Traces that started before. */
  readonly olderThanUnixNano?: bigint | undefined;
  readonly taskId?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Count only. @defaultValue false */
  readonly dryRun?: boolean | undefined;
}

export interface Removal {
  readonly traces: number;
  readonly spans: number;
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
  /** A hundred traces a transaction, so that others get their turn. */
  remove(query: RemovalQuery): Promise<Removal>;
  openLease(name: string, takeoverMillis: number): WorkLease;
  /** Copies a SQLite database into a new file, while it is in use. */
  backup(file: string): Promise<void>;
}
