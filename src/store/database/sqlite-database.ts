import { closeSync, openSync } from 'node:fs';
import type { Knex } from 'knex';
import { StoreUnavailableError } from '../../errors';
import { namedDamage } from './damage';
import type { Database, Session, SpanRow } from './database';
import { sqliteDialect } from './dialect';
import { allOf } from './all-of';
import { chooseDriver } from './choose-driver';
import { inspectSqlite } from './inspect-sqlite';
import { loadKnex } from './load-driver';
import type { SqliteConnection, SqliteDriver } from './sqlite-driver';
import { LogSync } from './log-sync';
import { letProcessEnd, silent, withConnection } from './connection';
import { isMigrationRace } from './database-errors';
import { retryWhileBusy } from './retry';
import { createSerial } from './serial';
import { createSqliteSpace } from './sqlite-space';
import { spanColumns, spanTexts } from '../schema/span-table';
import type { ResolvedStoreOptions } from '../store-options';

/** One writer and several readers on one file: WAL, synced after every commit, before it is told. */
export async function openSqlite(
  address: { readonly file: string; readonly inMemory: boolean },
  options: ResolvedStoreOptions,
): Promise<Database> {
  const driver = await chooseDriver(options.sqliteDriver, options.packageManager);
  const knex = await loadKnex();
  if (!address.inMemory) createPrivately(address.file);
  const { writer, readers, opened } = openPools(knex, driver, address, options);
  const serially = createSerial();
  const log = new LogSync(address.file);
  const { use, naming } = createUse(driver, address.file, options);
  const read = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    use(readers, (connection) => work(createSession(connection)));

  /** On the writer's connection, after everybody who waits for it, outside of a transaction. */
  const alone = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    serially(() => use(writer, (connection) => work(createSession(connection))));

  const database: Database = {
    dialect: sqliteDialect,
    driver: driver.name,
    knex: writer,
    space: createSqliteSpace(alone),
    inspect: (everything) => read((session) => inspectSqlite(session, everything)),
    read: (work) => (address.inMemory ? serially(() => read(work)) : read(work)),
    async write(_lock, work, onCommit) {
      const result = await serially(async () => {
        const committed = await use(writer, (on) => inTransaction(on, log, options, work));
        onCommit?.();
        return committed;
      });
      await log.durable();
      return result;
    },
    maintain: async (work) => {
      const result = await serially(() =>
        retryWhileBusy(options.retryMillis, () => naming(work(writer)), isMigrationRace),
      );
      letProcessEnd(writer);
      await log.durable();
      return result;
    },
    close: () => serially(() => closeAll(log, opened, [readers, writer])),
  };
  // The readers' pragmas need WAL, and who opens first switches to it.
  await alone((session) => session.all('PRAGMA journal_mode')).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  return database;
}

async function closeAll(
  log: LogSync,
  opened: readonly SqliteConnection[],
  pools: readonly Knex[],
): Promise<void> {
  await log.close();
  for (const connection of opened) await connection.finalize();
  for (const pool of pools) await pool.destroy();
}

/** Work on a connection, repeated while the database is busy; what is damaged is told with the name of the file. */
function createUse(driver: SqliteDriver, file: string, { retryMillis }: ResolvedStoreOptions) {
  const naming = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw namedDamage(file, error);
    });
  const use = async <T>(pool: Knex, work: (on: SqliteConnection) => Promise<T>): Promise<T> =>
    retryWhileBusy(retryMillis, () =>
      naming(withConnection(pool, (raw: object) => work(driver.connection(raw)))),
    );
  return { use, naming };
}

interface Pools {
  readonly writer: Knex;
  /** In memory there is one connection for all. */
  readonly readers: Knex;
  readonly opened: readonly SqliteConnection[];
}

/** A statement waits so long inside SQLite for a lock, ms; what is longer is waited for outside, where others can go on. */
const busyTimeoutMillis = 25;

function openPools(
  knex: Awaited<ReturnType<typeof loadKnex>>,
  driver: SqliteDriver,
  { file, inMemory }: { readonly file: string; readonly inMemory: boolean },
  { databaseConnections }: ResolvedStoreOptions,
): Pools {
  const opened: SqliteConnection[] = [];
  // A statement that waits in the application's own thread would stop it: there the retries are enough.
  const waitMillis = driver.synchronous ? 0 : busyTimeoutMillis;
  const open = (max: number, pragmas: string): Knex =>
    knex(
      poolConfiguration(file, driver, max, (connection) => {
        opened.push(connection);
        return connection.exec(`PRAGMA busy_timeout = ${waitMillis}; ${pragmas}`);
      }),
    );
  const writer = open(1, writerPragmas);
  return { writer, readers: inMemory ? writer : open(databaseConnections, readerPragmas), opened };
}

function poolConfiguration(
  filename: string,
  driver: SqliteDriver,
  max: number,
  prepare: (connection: SqliteConnection) => Promise<void>,
): Knex.Config {
  return {
    client: driver.client,
    connection: { filename },
    useNullAsDefault: true,
    acquireConnectionTimeout: 60_000,
    log: silent,
    pool: {
      min: 0,
      max,
      // A connection keeps its prepared statements and its page cache.
      idleTimeoutMillis: 2 ** 30,
      afterCreate(raw: object, done: (error: unknown) => void) {
        prepare(driver.connection(raw)).then(() => done(null), done);
      },
    },
  };
}

/**
 * FULL: where nobody syncs the log beside the transactions (`LogSync`), each must, else a power cut loses acknowledged rows. Pages of 8 kB hold six spans, and a checkpoint
 * every 32 MB copies the hot pages of the indexes less often. Incremental vacuum, which a new file only can be
 * given, lets retention give pages back without writing the file anew; what is deleted is overwritten within its page.
 */
const writerPragmas =
  'PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ' +
  'PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864;';
const readerPragmas = 'PRAGMA query_only = 1; PRAGMA cache_size = -16384;';

function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (cause) {
    throw new StoreUnavailableError(`Cannot open the database file ${file}.`, {
      cause,
      hint: 'Check that its folder exists and may be written.',
    });
  }
}

async function inTransaction<T>(
  on: SqliteConnection,
  log: LogSync,
  { atCommit }: ResolvedStoreOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await log.takeOver(on);
  const session = createSession(on);
  await session.run('BEGIN IMMEDIATE');
  try {
    const result = await work(session);
    atCommit('before');
    await session.run('COMMIT');
    atCommit('after');
    return result;
  } catch (error) {
    // A full disk rolls back by itself; then this fails, and the first error is the one to tell.
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function createSession(connection: SqliteConnection): Session {
  const session: Session = {
    dialect: sqliteDialect,
    all: (sql, values = []) => connection.all(sql, values),
    run: (sql, values = []) => connection.run(sql, values),
    ask: (sql, values) => connection.ask(sql, values),
    async insertSpans(rows) {
      const inserts: Promise<number>[] = [];
      for (let from = 0; from < rows.length; from += maxRowsPerInsert) {
        const part = rows.slice(from, from + maxRowsPerInsert);
        const size = 2 ** Math.ceil(Math.log2(part.length));
        inserts.push(session.run(insertSpansSql(size), spanValues(part, size)));
      }
      await allOf(inserts);
    },
  };
  return session;
}

/**
 * Statements are made for powers of two, and rows without content fill the last one up. A row travels as a
 * JSON array of its short columns and its three texts. Binding every column by itself costs the event
 * loop four times as much (15 against 3.5 µs a row), since the driver binds a number or a null by
 * looking up global constructors.
 */
const maxRowsPerInsert = 512;

const insertSqlBySize = new Map<number, string>();

function insertSpansSql(size: number): string {
  let sql = insertSqlBySize.get(size);
  if (sql === undefined) {
    const row = `(${['?', ...spanTexts.map(() => '?')].join(', ')})`;
    const names = [...spanColumns.map(([name]) => name), ...spanTexts];
    const hot = spanColumns.map((_, index) => `column1->>${index}`);
    const texts = spanTexts.map((_, index) => `nullif(column${index + 2}, '')`);
    sql =
      `INSERT INTO spans (${names.join(', ')}) SELECT ${[...hot, ...texts].join(', ')} ` +
      `FROM (VALUES ${Array<string>(size).fill(row).join(', ')}) WHERE column1 <> ''`;
    insertSqlBySize.set(size, sql);
  }
  return sql;
}

function spanValues(rows: readonly SpanRow[], size: number): string[] {
  const values: string[] = [];
  for (const row of rows) values.push(JSON.stringify(row.hot), ...row.texts);
  const rest = (size - rows.length) * (1 + spanTexts.length);
  return values.concat(Array<string>(rest).fill(''));
}
