import type { Session } from '../database/database';

/**
 * Keys of rows that many spans share (resources, scopes, tags), remembered between transactions.
 * What a transaction finds counts only once it has committed.
 */
export interface KeyCache {
  /** Forgets what the transaction that runs has found. */
  restart(): void;
  publish(): void;
  /** Forgets everything. */
  forget(): void;
  /** Keys of the given values; those that are not stored yet are inserted. */
  resolve(
    session: Session,
    values: ReadonlyMap<string, string | null>,
  ): Promise<ReadonlyMap<string, number>>;
}

export interface KeyCacheTable {
  readonly table: string;
  readonly idColumn: string;
  /** Column of the map's values; `null` where the id is all there is. */
  readonly bodyColumn: string | null;
}

export function createKeyCache(cacheTable: KeyCacheTable, maxEntries = 10_000): KeyCache {
  const { table, idColumn } = cacheTable;
  const known = new Map<string, number>();
  const found = new Map<string, number>();

  return {
    restart() {
      found.clear();
    },
    publish() {
      for (const [id, key] of found) known.set(id, key);
      found.clear();
      for (const id of known.keys()) {
        if (known.size <= maxEntries) break;
        known.delete(id);
      }
    },
    forget() {
      known.clear();
      found.clear();
    },
    async resolve(session, values) {
      const keys = new Map<string, number>();
      const missing: string[] = [];
      for (const id of values.keys()) {
        const key = known.get(id) ?? found.get(id);
        if (key === undefined) missing.push(id);
        else keys.set(id, key);
      }
      if (missing.length === 0) return keys;
      missing.sort(); // always the same order, so that two writers never wait for each other
      await insertMissing(session, cacheTable, missing, values);
      const rows = await session.all<{ key: number | string; id: string }>(
        `SELECT key, ${idColumn} AS id FROM ${table} WHERE ${session.dialect.inList(idColumn, 'text')}`,
        [session.dialect.list(missing)],
      );
      for (const row of rows) {
        keys.set(row.id, Number(row.key));
        found.set(row.id, Number(row.key));
      }
      return keys;
    },
  };
}

async function insertMissing(
  session: Session,
  { table, idColumn, bodyColumn }: KeyCacheTable,
  ids: readonly string[],
  values: ReadonlyMap<string, string | null>,
): Promise<void> {
  const columns = bodyColumn === null ? [idColumn] : [idColumn, bodyColumn];
  const rows = ids.map((id) => (bodyColumn === null ? [id] : [id, values.get(id)]));
  const types = Object.fromEntries(columns.map((name) => [name, 'text'] as const));
  await session.run(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${columns.join(', ')} ` +
      `FROM ${session.dialect.rows(types)} AS given WHERE true ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}
