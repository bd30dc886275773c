import { EvolutionError } from '../../errors';
import type { SynchronousDatabaseClass, SynchronousStatement } from './sqlite-driver';

/** What is used of `node:sqlite`. */
interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => {
    prepare(sql: string): {
      all(...values: unknown[]): unknown[];
      run(...values: unknown[]): { readonly changes: number | bigint };
      columns(): readonly unknown[];
    };
    exec(sql: string): void;
    close(): void;
  };
}

/** Node's own SQLite in the form of `better-sqlite3`. @throws where this Node has none without a flag */
export function nodeSqliteDatabase(): SynchronousDatabaseClass {
  const sqlite = quietly(() => builtin('node:sqlite') as NodeSqlite | undefined);
  if (sqlite === undefined) {
    throw new EvolutionError('driver_missing', 'comes with Node 22.13 and later');
  }
  const { DatabaseSync } = sqlite;
  return class {
    readonly #database: InstanceType<NodeSqlite['DatabaseSync']>;

    constructor(file: string) {
      this.#database = new DatabaseSync(file);
    }

    prepare(sql: string): SynchronousStatement {
      const statement = this.#database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (values = []) => statement.all(...values),
        run: (values = []) => statement.run(...values),
      };
    }

    exec(sql: string): void {
      this.#database.exec(sql);
    }

    close(): void {
      this.#database.close();
    }
  };
}

/** Not by `import`, which bundlers and Node 20 look at before they run anything. */
function builtin(name: string): unknown {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  return getBuiltinModule?.(name);
}

/** A guest does not print on its host's stderr that Node calls a module of its own experimental. */
function quietly<T>(load: () => T): T {
  const own = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    if (own !== undefined) Object.defineProperty(process, 'emitWarning', own);
  }
}
