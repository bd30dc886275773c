import type { Check } from './ports-upkeep';

/** Input that was not taken, by reason. */
export interface RefusedInput {
  /** `traces` and `logs` by OTLP, `api` by the REST API. */
  readonly source: 'traces' | 'logs' | 'api';
  /** As it was told last; numbers and quoted texts in it differ from case to case. */
  readonly reason: string;
  /** Records; 1 for a request that could not be read at all. */
  readonly count: number;
  readonly lastUnixNano: bigint;
}

/** A way to the same trace in another tool. */
export interface ExternalLink {
  readonly name: string;
  /** With `{traceId}`, `{spanId}`, `{service}`, `{startMicros}` or `{startMillis}`, each replaced in its URL-encoded form. */
  readonly urlTemplate: string;
}

/** What the process that serves knows of itself. */
export interface ServiceDesk {
  /** What `doctor` looks at; callers at the same time share one look. */
  diagnose(): Promise<readonly Check[]>;
  /** Since the process began, the latest first. */
  refusals(): readonly RefusedInput[];
  readonly externalLinks: readonly ExternalLink[];
}
