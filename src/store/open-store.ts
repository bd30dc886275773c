import { EvolutionError } from '../errors';
import type { MigrationStatus } from '../model/ports';
import { parseDatabaseUrl } from '../database-url';
import { migrate, migrationStatus } from './database/migrator';
import { openPostgres } from './database/postgres-database';
import { openSqlite } from './database/sqlite-database';
import { introduceSettings } from './upkeep/settings';
import { createStore, type OpenedStore } from './create-store';
import { resolveStoreOptions, type StoreOptions } from './store-options';

/**
 * Opens the database and brings its schema up to date.
 *
 * @param databaseUrl `sqlite:PATH`, `sqlite::memory:`, `postgres://…` or `postgresql://…`, the last two
 * with `?schema=NAME` if wanted
 * @throws ConfigError for another URL · EvolutionError `driver_missing`, `migration_needed` (only with
 * `migrate: 'never'`), `schema_newer` · StoreUnavailableError when the database cannot be reached
 */
export async function openStore(
  databaseUrl: string,
  options: StoreOptions = {},
): Promise<OpenedStore> {
  const address = parseDatabaseUrl(databaseUrl);
  const resolved = resolveStoreOptions(options);
  const database =
    address.dialect === 'sqlite'
      ? await openSqlite(address, resolved)
      : await openPostgres(address, resolved);
  const schema = address.dialect === 'postgres' ? address.schema : null;
  try {
    if (resolved.migrate === 'auto') await migrate(database, schema);
    if (resolved.migrate === 'never') refusePending(await migrationStatus(database));
    if (resolved.migrate === 'auto') {
      await database.write('shared', (session) => introduceSettings(session, resolved));
    }
  } catch (error) {
    await database.close();
    throw error;
  }
  return createStore(database, schema, resolved);
}

function refusePending({ pending }: MigrationStatus): void {
  if (pending.length === 0) return;
  throw new EvolutionError(
    'migration_needed',
    `The database schema is older than this version; pending: ${pending.join(', ')}.`,
    { hint: 'Run: otel-evolution migrate up' },
  );
}
