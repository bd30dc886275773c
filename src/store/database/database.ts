import type { Knex } from 'knex';
import type { SqliteDriverName } from '../../model/sqlite-driver';
import type { Inspection } from './damage';
import type { Dialect } from './dialect';
import type { Space } from './space';

export type SqlValue = string | number | null | Uint8Array | readonly (string | number | null)[];

export type Row = Record<string, unknown>;

/** One connection while a read or a transaction runs. SQL has `?` for values in both dialects. */
export interface Session {
  readonly dialect: Dialect;
  /** Rows of a statement with constant text; it stays prepared. */
  all<R = Row>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  /** Runs a statement with constant text; gives the number of changed rows. */
  run(sql: string, values?: readonly SqlValue[]): Promise<number>;
  /** Rows of a statement whose text depends on the question; it is not kept. */
  ask<R = Row>(sql: string, values: readonly SqlValue[]): Promise<R[]>;
  /** Inserts spans in the fastest way the dialect has. */
  insertSpans(rows: readonly SpanRow[]): Promise<void>;
}

/** Values of one span in the order of `spanColumns` (hot) and `spanTexts` (text; '' stands for null). */
export interface SpanRow {
  readonly hot: readonly (string | number | null)[];
  readonly texts: readonly string[];
}

/**
 * `shared`: writers, side by side on Postgres, where they lock the rows that they decide about. `ordered`: these
 * commit in the order in which they begin, beside all others. `exclusive`: nobody else writes meanwhile. SQLite has
 * one writer anyway.
 */
export type WriteLock = 'shared' | 'ordered' | 'exclusive';

export interface Database {
  readonly dialect: Dialect;
  /** The package that speaks to it. */
  readonly driver: SqliteDriverName | 'pg';
  readonly knex: Knex;
  /** A read sees what is committed; it is repeated when the database is busy. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /**
   * One transaction; `work` may run again after a deadlock or a lock, so it keeps no state outside. Resolves when it is durable;
   * `onCommit` hears that it is committed, which may be earlier: the next one may begin then.
   */
  write<T>(
    lock: WriteLock,
    work: (session: Session) => Promise<T>,
    onCommit?: () => void,
  ): Promise<T>;
  /** Runs Knex's own machinery (migrations); repeated while another process does the same. */
  maintain<T>(work: (knex: Knex) => Promise<T>): Promise<T>;
  readonly space: Space;
  /** Looks for damage; `everything` also where there is much. */
  inspect(everything: boolean): Promise<Inspection>;
  close(): Promise<void>;
}
