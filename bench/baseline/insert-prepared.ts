import { promisify } from 'node:util';
import sqlite3 from 'sqlite3';

const SPANS_PER_TRANSACTION = 480;
/** Every table that grows with the spans, in the order in which the store writes them. */
const TABLES = ['traces', 'span_links', 'span_tags', 'rewards', 'tasks', 'executions', 'spans'];

export interface PreparedInsertRate {
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly indexes: number }>>;
  readonly spansPerSecond: number;
}

/**
 * What the driver can do by itself: the rows of `tables` in `source`, into a new file with the same tables
 * and indexes, by prepared statements of `rowsPerStatement` rows on one connection, 480 spans and what
 * goes with them a transaction, synced at every commit. Values are laid out before the clock starts, and
 * the statements of a transaction are all handed over at once.
 */
export async function insertPrepared(
  source: string,
  {
    tables = TABLES,
    rowsPerStatement,
  }: { readonly tables?: readonly string[]; readonly rowsPerStatement: number },
): Promise<PreparedInsertRate> {
  const { schema, transactions } = await readRows(source, tables, rowsPerStatement);
  const target = await open(`${source}.baseline-${tables.length}-${rowsPerStatement}`);
  await target.exec(
    'PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ' +
      'PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384',
  );
  for (const statement of schema) await target.exec(statement);
  const prepared = new Map<string, sqlite3.Statement>();
  for (const { sql } of transactions.flat()) {
    if (!prepared.has(sql)) prepared.set(sql, target.raw.prepare(sql));
  }

  const start = performance.now();
  for (const statements of transactions) {
    await target.exec('BEGIN IMMEDIATE');
    await Promise.all(statements.map(({ sql, values }) => run(prepared.get(sql)!, values)));
    await target.exec('COMMIT');
  }
  const seconds = (performance.now() - start) / 1000;

  for (const statement of prepared.values()) {
    await new Promise<void>((resolve) => statement.finalize(() => resolve()));
  }
  const counted: Record<string, { rows: number; indexes: number }> = {};
  for (const table of tables) {
    const [stored] = await target.all<{ n: number }>(`SELECT count(*) AS n FROM ${table}`);
    const indexes = await target.all(`PRAGMA index_list(${table})`);
    counted[table] = { rows: stored!.n, indexes: indexes.length };
  }
  await target.close();
  const spans = counted.spans!.rows;
  if (spans !== transactions.length * SPANS_PER_TRANSACTION) {
    throw new Error(`the baseline stored ${spans} spans in ${transactions.length} transactions`);
  }
  return { tables: counted, spansPerSecond: Math.round(spans / seconds) };
}

type Value = string | number | null;

interface Insert {
  readonly sql: string;
  readonly values: Value[];
}

/** The inserts of each transaction; every table is dealt out evenly, in the order of its keys. */
async function readRows(
  path: string,
  tables: readonly string[],
  rowsPerStatement: number,
): Promise<{ schema: string[]; transactions: Insert[][] }> {
  const source = await open(path);
  const [spans] = await source.all<{ n: number }>('SELECT count(*) AS n FROM spans');
  const count = Math.floor(spans!.n / SPANS_PER_TRANSACTION);
  const transactions = Array.from({ length: count }, (): Insert[] => []);
  const schema: string[] = [];
  for (const table of tables) {
    const objects = await source.all<{ sql: string }>(
      `SELECT sql FROM sqlite_master WHERE tbl_name = '${table}' AND type IN ('table', 'index') ` +
        `AND sql IS NOT NULL ORDER BY type DESC`,
    );
    schema.push(...objects.map(({ sql }) => sql));
    const rows = await readTable(source, table);
    const kept = table === 'spans' ? count * SPANS_PER_TRANSACTION : rows.length;
    transactions.forEach((inserts, index) => {
      const from = Math.floor((index * kept) / count);
      const part = rows.slice(from, Math.floor(((index + 1) * kept) / count));
      inserts.push(...insertsOf(table, part, rowsPerStatement));
    });
  }
  await source.close();
  return { schema, transactions };
}

async function readTable(source: Connection, table: string): Promise<Value[][]> {
  const columns = await source.all<{ name: string }>(`PRAGMA table_info(${table})`);
  // The driver would round nanoseconds; it takes them as text, and so does everybody who uses it.
  const exact = columns.map(
    ({ name }) =>
      `CASE WHEN typeof(${name}) = 'integer' AND abs(${name}) > ${Number.MAX_SAFE_INTEGER} ` +
      `THEN CAST(${name} AS TEXT) ELSE ${name} END AS ${name}`,
  );
  const rows = await source.all<Record<string, Value>>(
    `SELECT ${exact.join(', ')} FROM ${table} ORDER BY rowid`,
  );
  return rows.map((row) => Object.values(row));
}

function insertsOf(table: string, rows: readonly Value[][], rowsPerStatement: number): Insert[] {
  const inserts: Insert[] = [];
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    const part = rows.slice(from, from + rowsPerStatement);
    const row = `(${Array<string>(part[0]!.length).fill('?').join(', ')})`;
    const sql = `INSERT INTO ${table} VALUES ${Array<string>(part.length).fill(row).join(', ')}`;
    inserts.push({ sql, values: part.flat() });
  }
  return inserts;
}

function run(statement: sqlite3.Statement, values: Value[]): Promise<void> {
  return new Promise((resolve, reject) => {
    statement.run(values, (error: Error | null) => {
      if (error) reject(error);
      else resolve();
    });
  });
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
