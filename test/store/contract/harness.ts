import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knex, type Knex } from 'knex';
import type { SqliteDriverName } from '../../../src/model/sqlite-driver';
import type { EvolutionStore } from '../../../src/model/ports';
import type { InterpretedSpan, SpanMeaning, SpanRecord } from '../../../src/model/span';
import { chooseDriver } from '../../../src/store/database/choose-driver';
import { openStore, type StoreOptions } from '../../../src/store';
import { makeSpan } from '../../support/make-span';
import { makeMeaning } from '../../support/make-meaning';

/** Real databases for one suite; everything is removed after it. */
export interface StoreHarness {
  readonly dialect: 'sqlite' | 'postgres';
  /** URL of a database that is empty. */
  newUrl(): string;
  /** A store on an empty database, closed after the suite. */
  open(options?: StoreOptions): Promise<EvolutionStore>;
  openAt(url: string, options?: StoreOptions): Promise<EvolutionStore>;
  /** The same with a key that other stores of the test have too, so that versions of a span compare alike. */
  openWithKey(options?: StoreOptions): Promise<EvolutionStore>;
  /** Somebody else's connection to the same database. */
  connect(url: string): Promise<Knex>;
  dispose(): Promise<void>;
}

let count = 0;

export function createHarness(
  dialect: 'sqlite' | 'postgres',
  sqliteDriver: SqliteDriverName = 'sqlite3',
): StoreHarness {
  const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-store-'));
  const stores: EvolutionStore[] = [];
  const connections: Knex[] = [];
  const schemas: string[] = [];

  const harness: StoreHarness = {
    dialect,
    newUrl() {
      count += 1;
      if (dialect === 'sqlite') return `sqlite:${join(folder, `${count}.db`)}`;
      const schema = `store_${process.pid}_${count}`;
      schemas.push(schema);
      const url = new URL(process.env.TEST_PG_URL!);
      url.searchParams.set('schema', schema);
      return url.href;
    },
    open: (options) => harness.openAt(harness.newUrl(), options),
    async openAt(url, options) {
      const store = await openStore(url, { sqliteDriver, ...options });
      stores.push(store);
      return store;
    },
    async openWithKey(options) {
      const url = harness.newUrl();
      const store = await harness.openAt(url, options);
      const connection = await openConnection(dialect, url, sqliteDriver);
      await connection('settings').where({ name: 'content_key' }).update({ value: 'c2FtZQ==' });
      await connection.destroy();
      return store;
    },
    async connect(url) {
      const connection = await openConnection(dialect, url, sqliteDriver);
      connections.push(connection);
      return connection;
    },
    async dispose() {
      await Promise.all(stores.map((store) => store.close()));
      for (const connection of connections) await connection.destroy();
      if (schemas.length > 0) {
        const admin = knex({ client: 'pg', connection: process.env.TEST_PG_URL! });
        for (const schema of schemas) await admin.raw('DROP SCHEMA IF EXISTS ?? CASCADE', [schema]);
        await admin.destroy();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return harness;
}

async function openConnection(
  dialect: 'sqlite' | 'postgres',
  url: string,
  sqliteDriver: SqliteDriverName,
): Promise<Knex> {
  if (dialect === 'sqlite') {
    // Two builds of SQLite in one process would lift each other's locks when they close the file.
    const { client } = await chooseDriver(sqliteDriver, 'npm');
    return knex({
      client,
      connection: { filename: url.slice('sqlite:'.length) },
      useNullAsDefault: true,
    });
  }
  const parsed = new URL(url);
  const schema = parsed.searchParams.get('schema')!;
  parsed.searchParams.delete('schema');
  return knex({ client: 'pg', connection: parsed.href, searchPath: [schema] });
}

/** An interpreted span; say only what the test is about. */
export function interpreted(
  span: Partial<SpanRecord> = {},
  meaning: Partial<SpanMeaning> = {},
): InterpretedSpan {
  return { span: makeSpan(span), meaning: makeMeaning(meaning) };
}

/** All pages of a list. */
export async function collect<T>(
  read: (cursor: string | undefined) => Promise<{
    readonly items: readonly T[];
    readonly nextCursor: string | null;
  }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
