export interface OwnPostgres {
  readonly url: string;
  /** To the server and all its processes. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it at once, without a checkpoint. */
  crash(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export function startOwnPostgres(): Promise<OwnPostgres>;
