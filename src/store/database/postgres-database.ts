import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { Database, Session, SpanRow, SqlValue, WriteLock } from './database';
import { postgresDialect } from './dialect';
import { loadDriver } from './load-driver';
import { letProcessEnd, letProcessEndBesideSpares, silent, withConnection } from './connection';
import { isMigrationRace } from './database-errors';
import { createPostgresSpace } from './postgres-space';
import { retryWhileBusy } from './retry';
import { createSerial } from './serial';
import { spanColumns, spanTexts } from '../schema/span-table';
import type { ResolvedStoreOptions } from '../store-options';

/** A pool of connections whose statements, locks and dial attempts all have a limit in time. */
export async function openPostgres(
  address: { readonly url: string; readonly schema: string | null },
  options: ResolvedStoreOptions,
): Promise<Database> {
  const knex = await loadDriver({ module: 'pg', command: 'npm install pg@8' });
  const pool = knex({
    client: 'pg',
    connection: {
      connectionString: address.url,
      application_name: 'otel-evolution',
      ...timeLimits(options),
    },
    ...(address.schema === null ? {} : { searchPath: [address.schema] }),
    acquireConnectionTimeout: options.retryMillis,
    log: silent,
    pool: { min: 0, max: options.databaseConnections },
  });
  letProcessEndBesideSpares(pool);

  const use = <T>(work: (raw: Client) => Promise<T>): Promise<T> =>
    retryWhileBusy(options.retryMillis, () => withConnection(pool, work));

  const read = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    use((raw) => work(createSession(raw)));
  return {
    dialect: postgresDialect,
    driver: 'pg',
    knex: pool,
    space: createPostgresSpace(read, (sql) => use((raw) => withoutLimit(raw, sql))),
    read,
    // The server keeps its own files.
    inspect: () => Promise.resolve({ whole: false, problems: [] }),
    async write(lock, work, onCommit) {
      const result = await use((raw) => inTransaction(raw, lock, options, work));
      onCommit?.();
      return result;
    },
    maintain: async (work) => {
      const result = await retryWhileBusy(options.retryMillis, () => work(pool), isMigrationRace);
      letProcessEnd(pool);
      return result;
    },
    close: () => pool.destroy(),
  };
}

function timeLimits({ retryMillis, statementTimeoutMillis }: ResolvedStoreOptions) {
  return {
    connectionTimeoutMillis: retryMillis,
    statement_timeout: statementTimeoutMillis,
    // The server's limit fires first; ours is for a server that does not answer at all.
    query_timeout: statementTimeoutMillis + 1_000,
    // Shorter, so that contention is told from a server that does not answer.
    lock_timeout: Math.ceil(statementTimeoutMillis / 2),
    idle_in_transaction_session_timeout: 4 * statementTimeoutMillis,
  };
}

/** Work on whole tables takes as long as it takes; the connection has its limits again afterwards. */
async function withoutLimit(raw: Client, sql: string): Promise<void> {
  await raw.query('SET statement_timeout = 0');
  try {
    const patient = { text: sql, query_timeout: dayMillis };
    await raw.query(patient);
  } finally {
    await raw.query('RESET statement_timeout');
  }
}

const dayMillis = 86_400_000;

async function inTransaction<T>(
  raw: Client,
  lock: WriteLock,
  { atCommit }: ResolvedStoreOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = createSession(raw);
  try {
    await raw.query(`BEGIN; ${lookUpByIndex}; ${lockSql[lock]}`);
    const result = await work(session);
    atCommit('before');
    await raw.query('COMMIT');
    atCommit('after');
    return result;
  } catch (error) {
    // On a broken connection this fails too, and the first error is the one to tell.
    await raw.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * All statements of a write look rows up by key. The plan of a prepared statement is kept, and one made while
 * the tables were small would read them whole until they are analysed.
 */
const lookUpByIndex = ['seqscan', 'hashjoin', 'mergejoin']
  .map((way) => `SET LOCAL enable_${way} = off`)
  .join('; ');

/** One lock for each schema; 'otev' as a number keeps clear of other programs' locks. */
const lockSql: Readonly<Record<WriteLock, string>> = {
  shared: `SELECT pg_advisory_xact_lock_shared(1869899126, hashtext(current_schema()))`,
  ordered:
    `SELECT pg_advisory_xact_lock_shared(1869899126, hashtext(current_schema())); ` +
    postgresDialect.orderCommits!,
  exclusive: `SELECT pg_advisory_xact_lock(1869899126, hashtext(current_schema()))`,
};

function createSession(raw: Client): Session {
  // `pg` would queue them, too, and warns that it will not for ever.
  const serially = createSerial();
  const session: Session = {
    dialect: postgresDialect,
    all: async <R>(sql: string, values: readonly SqlValue[] = []) =>
      (await serially(() => raw.query(prepared(sql, values)))).rows as R[],
    run: async (sql, values = []) =>
      (await serially(() => raw.query(prepared(sql, values)))).rowCount ?? 0,
    ask: async <R>(sql: string, values: readonly SqlValue[]) =>
      (await serially(() => raw.query(numberPlaceholders(sql), [...values]))).rows as R[],
    async insertSpans(rows) {
      await session.run(insertSpansSql, spanValues(rows));
    },
  };
  return session;
}

interface PreparedQuery {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

const translated = new Map<string, { readonly name: string; readonly text: string }>();

/** Statements with constant text are prepared once a connection, under a name made from the text. */
function prepared(sql: string, values: readonly SqlValue[]): PreparedQuery {
  let statement = translated.get(sql);
  if (!statement) {
    const text = numberPlaceholders(sql);
    statement = { name: createHash('sha256').update(text).digest('hex').slice(0, 32), text };
    translated.set(sql, statement);
  }
  return { ...statement, values: [...values] };
}

function numberPlaceholders(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => `$${++count}`);
}

// OFFSET 0 keeps the planner from parsing the JSON once for every column.
const insertSpansSql =
  `INSERT INTO spans (${[...spanColumns.map(([name]) => name), ...spanTexts].join(', ')}) ` +
  `SELECT ${spanColumns.map(([, type], index) => `(hot->>${index})::${type}`).join(', ')}, ` +
  `${spanTexts.map((name) => `nullif(${name}, '')`).join(', ')} ` +
  `FROM (SELECT line::jsonb AS hot, ${spanTexts.join(', ')} ` +
  `FROM unnest(?::text[], ${spanTexts.map(() => '?::text[]').join(', ')}) ` +
  `AS given (line, ${spanTexts.join(', ')}) OFFSET 0) AS lines`;

function spanValues(rows: readonly SpanRow[]): string[][] {
  const columns: string[][] = [[], ...spanTexts.map(() => [])];
  for (const row of rows) {
    columns[0]!.push(JSON.stringify(row.hot));
    row.texts.forEach((text, index) => columns[index + 1]!.push(text));
  }
  return columns;
}
