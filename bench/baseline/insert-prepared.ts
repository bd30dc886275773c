import { promisify } from 'node:util';
import sqlite3 from 'sqlite3';

const ROWS_PER_TRANSACTION = 480;
const ROWS_PER_STATEMENT = 120;
const MAX_ROWS = 100_000;

export interface PreparedInsertRate {
  readonly table: 'spans';
  readonly indexes: number;
  readonly rows: number;
  readonly rowsPerSecond: number;
}

/**
 * What the driver can do at best: the rows of `spans` in `source`, into a new file with the same table
 * and indexes, by one prepared multi-row statement, synced at every commit. Values are laid out before
 * the clock starts; links, traces, tasks and executions are left out.
 */
export async function insertPrepared(source: string): Promise<PreparedInsertRate> {
  const { schema, transactions } = await readSpans(source);
  const rows = transactions.length * ROWS_PER_TRANSACTION;
  const target = await open(`${source}.baseline`);
  await target.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536',
  );
  for (const statement of schema) await target.exec(statement);
  const columns = transactions[0]![0]!.length / ROWS_PER_STATEMENT;
  const row = `(${Array<string>(columns).fill('?').join(', ')})`;
  const insert = target.raw.prepare(
    `INSERT INTO spans VALUES ${Array<string>(ROWS_PER_STATEMENT).fill(row).join(', ')}`,
  );
  const run = promisify((values: Value[], done: (error: Error | null) => void) => {
    insert.run(values, done);
  });

  const start = performance.now();
  for (const statements of transactions) {
    await target.exec('BEGIN IMMEDIATE');
    for (const values of statements) await run(values);
    await target.exec('COMMIT');
  }
  const seconds = (performance.now() - start) / 1000;

  await new Promise<void>((resolve) => insert.finalize(() => resolve()));
  const indexes = await target.all('PRAGMA index_list(spans)');
  const [stored] = await target.all<{ n: number }>('SELECT count(*) AS n FROM spans');
  if (stored?.n !== rows) throw new Error(`the baseline stored ${stored?.n} of ${rows} rows`);
  await target.close();
  return {
    table: 'spans',
    indexes: indexes.length + 1, // and the primary key
    rows,
    rowsPerSecond: Math.round(rows / seconds),
  };
}

type Value = string | number | null;

/** Whole transactions of flat lists of values, one list a statement. */
async function readSpans(path: string): Promise<{ schema: string[]; transactions: Value[][][] }> {
  const source = await open(path);
  const objects = await source.all<{ sql: string }>(
    `SELECT sql FROM sqlite_master WHERE tbl_name = 'spans' AND sql IS NOT NULL ORDER BY type DESC`,
  );
  const columns = await source.all<{ name: string }>('PRAGMA table_info(spans)');
  // The driver would round nanoseconds; it takes them as text, and so does everybody who uses it.
  const exact = columns.map(
    ({ name }) =>
      `CASE WHEN typeof(${name}) = 'integer' AND abs(${name}) > ${Number.MAX_SAFE_INTEGER} ` +
      `THEN CAST(${name} AS TEXT) ELSE ${name} END AS ${name}`,
  );
  const rows = await source.all<Record<string, Value>>(
    `SELECT ${exact.join(', ')} FROM spans ORDER BY key LIMIT ${MAX_ROWS}`,
  );
  await source.close();
  const transactions: Value[][][] = [];
  for (let at = 0; at + ROWS_PER_TRANSACTION <= rows.length; at += ROWS_PER_TRANSACTION) {
    const statements: Value[][] = [];
    for (let from = at; from < at + ROWS_PER_TRANSACTION; from += ROWS_PER_STATEMENT) {
      statements.push(
        rows.slice(from, from + ROWS_PER_STATEMENT).flatMap((row) => Object.values(row)),
      );
    }
    transactions.push(statements);
  }
  return { schema: objects.map(({ sql }) => sql), transactions };
}

interface Connection {
  readonly raw: sqlite3.Database;
  exec(sql: string): Promise<void>;
  all<R>(sql: string): Promise<R[]>;
  close(): Promise<void>;
}

function open(path: string): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const raw = new sqlite3.Database(path, (error) => {
      if (error) {
        reject(error);
        return;
      }
      resolve({
        raw,
        exec: promisify((sql: string, done: (error: Error | null) => void) => raw.exec(sql, done)),
        all: (sql) => promisify(raw.all.bind(raw) as AllRows)(sql) as Promise<never[]>,
        close: promisify((done: (error: Error | null) => void) => {
          raw.close(done);
        }),
      });
    });
  });
}

type AllRows = (sql: string, done: (error: Error | null, rows: unknown[]) => void) => void;
