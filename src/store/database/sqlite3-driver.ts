import type { Database as Sqlite, RunResult, Statement } from 'sqlite3';
import type { SqlValue } from './database';
import type { SqliteConnection, SqliteDriver } from './sqlite-driver';

/** `sqlite3`: statements run in threads of its own. @throws when it is absent, or not built for this machine */
export async function loadAsynchronousDriver(): Promise<SqliteDriver> {
  const name = 'sqlite3';
  await import(name);
  return {
    name,
    synchronous: false,
    client: name,
    connection: (raw) => connectionOf(raw as Sqlite),
  };
}

const connections = new WeakMap<Sqlite, SqliteConnection>();

function connectionOf(raw: Sqlite): SqliteConnection {
  const known = connections.get(raw);
  if (known !== undefined) return known;
  const made = createConnection(raw);
  connections.set(raw, made);
  return made;
}

function createConnection(raw: Sqlite): SqliteConnection {
  const statements = new Map<string, Statement>();
  const prepared = (sql: string): Statement | Promise<Statement> =>
    statements.get(sql) ?? prepare(raw, sql, statements);
  return {
    all: async (sql, values) => allRows(await prepared(sql), values),
    run: async (sql, values) => runStatement(await prepared(sql), values),
    ask: <R>(sql: string, values: readonly SqlValue[]) =>
      new Promise<R[]>((resolve, reject) => {
        raw.all<R>(sql, values, (error, rows) => {
          if (error) reject(error);
          else resolve(rows);
        });
      }),
    exec: (sql) =>
      new Promise((resolve, reject) => {
        raw.exec(sql, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    async finalize() {
      for (const statement of statements.values()) {
        await new Promise<void>((resolve) => {
          statement.finalize(() => resolve());
        });
      }
      statements.clear();
    },
  };
}

function prepare(raw: Sqlite, sql: string, kept: Map<string, Statement>): Promise<Statement> {
  return new Promise((resolve, reject) => {
    const statement = raw.prepare(sql, (error: Error | null) => {
      if (error) {
        reject(error);
      } else {
        kept.set(sql, statement);
        resolve(statement);
      }
    });
  });
}

function allRows<R>(statement: Statement, values: readonly SqlValue[]): Promise<R[]> {
  return new Promise((resolve, reject) => {
    statement.all<R>(values, (error, rows) => {
      if (error) reject(error);
      else resolve(rows);
    });
  });
}

function runStatement(statement: Statement, values: readonly SqlValue[]): Promise<number> {
  return new Promise((resolve, reject) => {
    statement.run(values, function (this: RunResult, error: Error | null) {
      if (error) reject(error);
      else resolve(this.changes);
    });
  });
}
