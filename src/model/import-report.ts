export interface RefusalCount {
  readonly reason: string;
  readonly count: number;
  /** Line or record of the first one. */
  readonly where: string;
}

export interface FileReport {
  readonly file: string;
  /** `null` where nothing could be read. */
  readonly format: string | null;
  readonly tasks: number;
  readonly executions: number;
  readonly spans: number;
  readonly rewards: number;
  readonly refused: readonly RefusalCount[];
}

/** What an import stored and refused. */
export interface ImportReport {
  readonly files: readonly FileReport[];
  /** Tasks and executions that several files share count once. */
  readonly totals: {
    readonly tasks: number;
    readonly executions: number;
    readonly spans: number;
    readonly rewards: number;
    readonly refused: number;
  };
}
