export function startPostgres(): Promise<{
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}>;

/** A free port of the loopback. */
export function freePort(): Promise<number>;
