import type { Knex } from 'knex';

/** Knex's pool without Knex's query builder, whose inserts cost more than SQLite itself. */
interface ConnectionPool<C> {
  acquireConnection(): Promise<C>;
  releaseConnection(connection: C): Promise<void>;
}

/** Runs `work` on a raw connection of the driver. */
export async function withConnection<C, T>(
  knex: Knex,
  work: (connection: C) => Promise<T>,
): Promise<T> {
  const pool = knex.client as ConnectionPool<C>;
  const connection = await pool.acquireConnection();
  socketOf(connection)?.ref();
  try {
    return await work(connection);
  } finally {
    await pool.releaseConnection(connection);
    letProcessEnd(knex);
  }
}

/**
 * A guest must not keep its host alive: neither the timer that looks after idle connections nor the
 * socket of one may. While a connection is in use its socket does.
 */
export function letProcessEnd(knex: Knex): void {
  const { pool } = knex.client as { readonly pool: IdlePool };
  pool.interval?.unref();
  for (const { resource } of pool.free) socketOf(resource)?.unref();
}

/**
 * The same for a connection that came when nobody waited any more, since another was given back meanwhile:
 * it lies in the pool without ever having been used.
 */
export function letProcessEndBesideSpares(knex: Knex): void {
  const { pool } = knex.client as { readonly pool: IdlePool };
  pool.on('createSuccess', () => setImmediate(() => letProcessEnd(knex)));
}

/** What Knex's pool (tarn) holds on to. */
interface IdlePool {
  on(event: 'createSuccess', listener: () => void): void;
  readonly interval: NodeJS.Timeout | null;
  readonly free: readonly { readonly resource: unknown }[];
}

/** Postgres has a socket, SQLite none. */
function socketOf(connection: unknown): { ref(): void; unref(): void } | undefined {
  return (connection as { connection?: { stream?: { ref(): void; unref(): void } } }).connection
    ?.stream;
}

const ignore = (): void => undefined;

/** Knex prints failed connections; here they are thrown, and the caller says what becomes of them. */
export const silent: Knex.Logger = {
  warn: ignore,
  error: ignore,
  debug: ignore,
  deprecate: ignore,
};
