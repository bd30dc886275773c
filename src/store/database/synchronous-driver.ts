import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { types } from 'node:util';
import type { Knex } from 'knex';
import { EvolutionError } from '../../errors';
import type { SqliteDriverName } from '../../model/sqlite-driver';
import { nodeSqliteDatabase } from './node-sqlite';
import type { SqlValue } from './database';
import type {
  SqliteConnection,
  SqliteDriver,
  SynchronousDatabase,
  SynchronousDatabaseClass,
  SynchronousStatement,
} from './sqlite-driver';

/** @throws where this Node has none: it came with 22.13 */
export function loadNodeSqlite(): Promise<SqliteDriver> {
  return Promise.resolve(createDriver('node:sqlite', nodeSqliteDatabase()));
}

/** @throws when it is absent, or made for another Node */
export async function loadBetterSqlite(): Promise<SqliteDriver> {
  requireEngine('better-sqlite3');
  return loadPackage('better-sqlite3');
}

/** @throws when it is absent, or has no binary for this machine */
export function loadLibsql(): Promise<SqliteDriver> {
  return loadPackage('libsql');
}

async function loadPackage(name: 'better-sqlite3' | 'libsql'): Promise<SqliteDriver> {
  const { default: Database } = (await import(name)) as {
    default: SynchronousDatabaseClass;
  };
  new Database(':memory:').close(); // its binary is loaded with the first database
  return createDriver(name, Database);
}

/** Loading a binary that was made for a later Node may end the process. */
function requireEngine(name: string): void {
  const { engines } = createRequire(__filename)(`${name}/package.json`) as {
    engines?: { node?: string };
  };
  const needed = /^>=\s*(\d+)/.exec(engines?.node ?? '')?.[1];
  if (needed !== undefined && Number(process.versions.node.split('.')[0]) < Number(needed)) {
    throw new EvolutionError('driver_missing', `needs Node ${needed} or later`);
  }
}

function createDriver(name: SqliteDriverName, Database: SynchronousDatabaseClass): SqliteDriver {
  // Required, not imported: a bundler would follow it to a driver that is not there.
  const client = 'knex/lib/dialects/better-sqlite3/index.js';
  const Client = createRequire(__filename)(client) as typeof Knex.Client;
  // Knex knows this kind of driver by one name; it works with what it is given.
  class SynchronousClient extends Client {
    _driver(): SynchronousDatabaseClass {
      return Database;
    }
  }
  return {
    name,
    synchronous: true,
    client: SynchronousClient,
    connection: (raw) => connectionOf(raw as SynchronousDatabase),
  };
}

const connections = new WeakMap<SynchronousDatabase, SqliteConnection>();

function connectionOf(raw: SynchronousDatabase): SqliteConnection {
  const known = connections.get(raw);
  if (known !== undefined) return known;
  const made = createConnection(raw);
  connections.set(raw, made);
  return made;
}

/** A statement that took longer gives the application's other work its turn afterwards. */
const TURN_AFTER_MILLIS = 1;

function createConnection(raw: SynchronousDatabase): SqliteConnection {
  const statements = new Map<string, SynchronousStatement>();
  const prepared = (sql: string): SynchronousStatement => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = raw.prepare(sql)));
    return statement;
  };
  const politely = async <T>(work: () => T): Promise<T> => {
    const began = performance.now();
    try {
      return work();
    } catch (error) {
      throw withPrimaryCode(error);
    } finally {
      if (performance.now() - began > TURN_AFTER_MILLIS) await turn();
    }
  };
  const rowsOf = (statement: SynchronousStatement, values: readonly SqlValue[]): unknown[] => {
    if (statement.reader) return statement.all(bindable(values));
    statement.run(bindable(values));
    return [];
  };
  return {
    all: <R>(sql: string, values: readonly SqlValue[]) =>
      politely(() => rowsOf(prepared(sql), values) as R[]),
    run: (sql, values) =>
      politely(() => {
        const statement = prepared(sql);
        if (!statement.reader) return Number(statement.run(bindable(values)).changes);
        statement.all(bindable(values));
        return 0;
      }),
    ask: <R>(sql: string, values: readonly SqlValue[]) =>
      politely(() => rowsOf(raw.prepare(sql), values) as R[]),
    exec: (sql) => politely(() => void raw.exec(sql)),
    finalize() {
      statements.clear();
      return Promise.resolve();
    },
  };
}

/** These drivers bind every number as a double; `sqlite3` binds integers as such. */
function bindable(values: readonly SqlValue[]): unknown[] {
  return values.map((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value,
  );
}

/** `SQLITE_CONSTRAINT_PRIMARYKEY`, or 1555, is `SQLITE_CONSTRAINT` to those who decide about it. */
function withPrimaryCode(error: unknown): unknown {
  const { code, errcode } = error as { code?: unknown; errcode?: number };
  const name =
    errcode === undefined ? /^SQLITE_[A-Z]+/.exec(String(code))?.[0] : primaryCodes[errcode & 0xff];
  // What libsql throws inherits from Error and is none.
  const native = types.isNativeError(error)
    ? error
    : new Error((error as Error).message, { cause: error });
  return name === undefined ? native : Object.assign(native, { code: name });
}

/** https://www.sqlite.org/rescode.html */
const primaryCodes: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  26: 'SQLITE_NOTADB',
};
