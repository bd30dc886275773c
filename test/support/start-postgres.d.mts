export function startPostgres(): Promise<{
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}>;
