/** Which runs a report is about; without anything all of them. */
export interface ReportSelection {
  readonly agentId?: string | undefined;
  /** Start of a run, inclusive: a time in RFC 3339, a date, or nanoseconds since 1970. */
  readonly since?: string | bigint | Date | undefined;
  /** Exclusive. */
  readonly until?: string | bigint | Date | undefined;
  /** Ids, 1..1,000. */
  readonly tasks?: readonly string[] | undefined;
}

export interface WrittenReport {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** Counted in it. */
  readonly runs: number;
  /** Of these with every step. */
  readonly detailed: number;
  /** An older report was there. */
  readonly replaced: boolean;
}
