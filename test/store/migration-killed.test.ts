import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Knex } from 'knex';
import { createHarness, interpreted, type StoreHarness } from './contract/harness';

/** STORE_MIGRATION_KILLS=all dies after every statement. */
const asked = process.env.STORE_MIGRATION_KILLS ?? '6';

const cache = join(process.cwd(), 'node_modules', '.cache', 'dying-migration');
const bundle = join(cache, `store-${process.pid}.cjs`);

beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  await build({
    stdin: { contents: `export { openStore } from './src/store';`, resolveDir: process.cwd() },
    ...{ outfile: bundle, bundle: true, platform: 'node', packages: 'external', format: 'cjs' },
  });
});
afterAll(() => rmSync(bundle, { force: true }));

// R15: a migration that is interrupted ends whole at the next opening, without anybody's help.
describe.each(['sqlite', 'postgres'] as const)(
  'a migration that is killed in its midst, on %s',
  (dialect) => {
    const harness = createHarness(dialect);
    afterAll(() => harness.dispose(), 60_000);

    it(`is whole after the next opening: ${asked} kills`, async () => {
      const wholeUrl = harness.newUrl();
      const { statements } = await openAndDie(wholeUrl, 0);
      const whole = await schemaOf(harness, wholeUrl);
      // The tables, their indexes and the content key, each a statement.
      expect(statements).toBeGreaterThan(50);
      const kills = asked === 'all' ? statements! : Number(asked);
      let interrupted = 0;
      for (let kill = 1; kill <= kills; kill += 1) {
        const url = harness.newUrl();
        const dieAfter = Math.ceil((kill * statements!) / (kills + 1));
        expect(await openAndDie(url, dieAfter)).toEqual({ signal: 'SIGKILL' });
        if ((await schemaOf(harness, url)).length < whole.length) interrupted += 1;
        const store = await harness.openAt(url);
        expect((await store.migrationStatus()).pending).toEqual([]);
        expect(await schemaOf(harness, url)).toEqual(whole);
        await store.write({ spans: [interpreted()], rewards: [] });
        expect((await store.getTotals()).spans).toBe(1);
        await store.close();
      }
      // Else every kill came before the migration or after it.
      expect(interrupted).toBeGreaterThan(kills / 2);
    }, 600_000);

    it('does not hold up another that opens while the killed one is being cleared away', async () => {
      const url = harness.newUrl();
      const dying = openAndDie(url, 40);
      const store = await harness.openAt(url, { retryMillis: 10_000 });
      expect((await store.write({ spans: [interpreted()], rewards: [] })).accepted).toBe(1);
      await dying;
    }, 60_000);
  },
);

interface End {
  readonly statements?: number;
  readonly signal?: string;
}

async function openAndDie(url: string, dieAfter: number): Promise<End> {
  const child = fork(
    join(__dirname, 'dying-migration.mjs'),
    [JSON.stringify({ bundle, url, dieAfter })],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  let end: End = {};
  child.on('message', (message) => (end = message as End));
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal === null ? end : { signal };
}

/** Every table, column, index, constraint and trigger, and what migrations are done, as lines. */
async function schemaOf(harness: StoreHarness, url: string): Promise<readonly string[]> {
  const connection = await harness.connect(url);
  const lines =
    harness.dialect === 'sqlite'
      ? await sqliteLines(connection)
      : await postgresLines(connection, url);
  const done = await connection<{ name: string }>('knex_migrations')
    .select('name')
    .then(
      (rows) => rows.map(({ name }) => `migrated ${name}`),
      () => [], // the table is not there yet
    );
  await connection.destroy();
  return [...lines, ...done].sort();
}

async function sqliteLines(connection: Knex): Promise<string[]> {
  const rows = await connection.raw<{ line: string }[]>(
    `SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS line FROM sqlite_schema`,
  );
  return rows.map(({ line }) => line);
}

async function postgresLines(connection: Knex, url: string): Promise<string[]> {
  const schema = new URL(url).searchParams.get('schema')!;
  const { rows } = await connection.raw<{ rows: { line: string }[] }>(
    `SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default) AS line
       FROM information_schema.columns WHERE table_schema = :schema
     UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = :schema
     UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = to_regnamespace(:schema)
     UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
       WHERE c.relnamespace = to_regnamespace(:schema) AND NOT t.tgisinternal`,
    { schema },
  );
  return rows.map(({ line }) => line.replaceAll(schema, 'SCHEMA'));
}
