import type { Knex } from 'knex';
import type { SqliteDriverName } from '../../model/sqlite-driver';
import type { SqlValue } from './database';

/** One connection of a driver, whichever it is. Errors have a code like `SQLITE_BUSY`. */
export interface SqliteConnection {
  /** Rows of a statement that stays prepared. */
  all<R>(sql: string, values: readonly SqlValue[]): Promise<R[]>;
  /** Gives the number of changed rows; the statement stays prepared. */
  run(sql: string, values: readonly SqlValue[]): Promise<number>;
  /** Rows of a statement that is not kept. */
  ask<R>(sql: string, values: readonly SqlValue[]): Promise<R[]>;
  /** Several statements without values, at once. */
  exec(sql: string): Promise<void>;
  /** Lets go of the statements, so that the connection can be closed. */
  finalize(): Promise<void>;
}

export interface SqliteDriver {
  readonly name: SqliteDriverName;
  /** Whether a statement holds up the thread that runs it. */
  readonly synchronous: boolean;
  /** What Knex calls it, or a client of our own. */
  readonly client: string | typeof Knex.Client;
  /** Knex's pool makes the connections; this is what is done with them. */
  connection(raw: object): SqliteConnection;
}

/** What `better-sqlite3`, `libsql` and, by an adapter, `node:sqlite` have in common. */
export interface SynchronousDatabase {
  prepare(sql: string): SynchronousStatement;
  exec(sql: string): unknown;
  close(): unknown;
}
export interface SynchronousStatement {
  /** Whether it gives rows. */
  readonly reader: boolean;
  all(values: readonly unknown[]): unknown[];
  run(values: readonly unknown[]): { readonly changes: number | bigint };
}
export type SynchronousDatabaseClass = new (file: string, options?: object) => SynchronousDatabase;
