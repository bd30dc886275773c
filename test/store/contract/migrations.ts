import { EvolutionError } from '../../../src/errors';
import { openStore } from '../../../src/store';
import { postgresDialect, sqliteDialect } from '../../../src/store/database/dialect';
import { migrationSource } from '../../../src/store/database/migrator';
import { interpreted, type StoreHarness } from './harness';

/** The schema: made once, by whoever comes first, and never guessed at. */
export function migrationContract(harness: StoreHarness): void {
  it('is made at the first opening and found at the next', async () => {
    const url = harness.newUrl();
    const first = await harness.openAt(url);
    expect(await first.migrationStatus()).toEqual({ current: 1, latest: 1, pending: [] });
    await first.write({ spans: [interpreted()], rewards: [] });
    await first.close();
    const second = await harness.openAt(url, { migrate: 'never' });
    expect(await second.migrate()).toEqual({ current: 1, latest: 1, pending: [] });
    expect((await second.getTotals()).spans).toBe(1);
  });

  it('is left alone where that is asked for', async () => {
    const url = harness.newUrl();
    await expect(openStore(url, { migrate: 'never' })).rejects.toMatchObject({
      name: EvolutionError.name,
      code: 'migration_needed',
      hint: expect.stringContaining('migrate up') as string,
    });
  });

  it('is not touched when a newer version wrote it', async () => {
    const url = harness.newUrl();
    await (await harness.openAt(url)).close();
    const connection = await harness.connect(url);
    await connection('knex_migrations').insert({
      name: '9999-future',
      batch: 2,
      migration_time: new Date(0),
    });
    await expect(openStore(url)).rejects.toMatchObject({ code: 'schema_newer' });
    await connection.destroy();
  });

  it('is made once by three that open at the same time', async () => {
    const url = harness.newUrl();
    const stores = await Promise.all(
      [1, 2, 3].map(() => harness.openAt(url, { retryMillis: 10_000 })),
    );
    for (const store of stores) expect((await store.migrationStatus()).current).toBe(1);
    await stores[0]!.write({ spans: [interpreted()], rewards: [] });
    expect((await stores[2]!.getTotals()).spans).toBe(1);
  });

  it('only goes forward', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    await store.close();
    const connection = await harness.connect(url);
    expect(await connection('knex_migrations').pluck('name')).toEqual(['0001-initial']);
    expect(await connection('knex_migrations_lock').pluck('is_locked')).toEqual([0]);
    const dialect = harness.dialect === 'sqlite' ? sqliteDialect : postgresDialect;
    await expect(
      connection.migrate.rollback({ migrationSource: migrationSource(dialect) }),
    ).rejects.toThrow('only go forward');
    await connection.destroy();
  });
}
