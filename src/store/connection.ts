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
  try {
    return await work(connection);
  } finally {
    await pool.releaseConnection(connection);
  }
}

const ignore = (): void => undefined;

/** Knex prints failed connections; here they are thrown, and the caller says what becomes of them. */
export const silent: Knex.Logger = {
  warn: ignore,
  error: ignore,
  debug: ignore,
  deprecate: ignore,
};
