import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { EvolutionError } from '../../errors';
import type { MigrationStatus } from '../../model/ports';
import type { Database, Session } from './database';
import type { Dialect } from './dialect';
import { initialSchema } from '../schema/initial';

/** Brings the schema to the newest version; all pending migrations run in one transaction. */
export async function migrate(database: Database, schema: string | null): Promise<MigrationStatus> {
  const status = await migrationStatus(database);
  if (status.pending.length === 0) return status;
  if (schema !== null) await database.maintain((knex) => createSchema(knex, schema));
  await database.write('exclusive', createBookkeeping);
  await database.maintain((knex) =>
    knex.migrate.latest({ migrationSource: migrationSource(database.dialect) }),
  );
  return migrationStatus(database);
}

/** Who may not create schemas can still use one that is there. */
async function createSchema(knex: Knex, schema: string): Promise<void> {
  const { rows } = await knex.raw<{ rows: { missing: boolean }[] }>(
    'SELECT to_regnamespace(?) IS NULL AS missing',
    [schema],
  );
  if (rows[0]!.missing) await knex.raw('CREATE SCHEMA IF NOT EXISTS ??', [schema]);
}

/**
 * Knex's own two tables. Knex makes them outside of any transaction: two processes that open an empty
 * database at once would leave two lock rows, which Knex then takes for a lock that is held for ever.
 */
async function createBookkeeping(session: Session): Promise<void> {
  const identity = session.dialect.identity;
  await session.run(
    `CREATE TABLE IF NOT EXISTS knex_migrations (id ${identity}, name varchar(255), batch integer, ` +
      `migration_time ${session.dialect.timestamp})`,
  );
  await session.run(
    `CREATE TABLE IF NOT EXISTS knex_migrations_lock ("index" ${identity}, is_locked integer)`,
  );
  await session.run(
    `INSERT INTO knex_migrations_lock (is_locked) ` +
      `SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM knex_migrations_lock)`,
  );
}

/** @throws EvolutionError `schema_newer` when the database was written by a newer version */
export async function migrationStatus(database: Database): Promise<MigrationStatus> {
  const done = await database.maintain(async (knex) => {
    if (!(await knex.schema.hasTable('knex_migrations'))) return [];
    return knex<{ name: string }>('knex_migrations').orderBy('id').pluck('name');
  });
  const known = migrations.map(({ name }) => name);
  const unknown = done.filter((name: string) => !known.includes(name));
  if (unknown.length > 0) {
    throw new EvolutionError(
      'schema_newer',
      `The database has ${done.length} migrations, this version knows ${known.length}; unknown: ${unknown.join(', ')}.`,
      { hint: 'Use the version of otel-evolution that wrote it, or a newer one.' },
    );
  }
  return {
    current: done.length,
    latest: known.length,
    pending: known.filter((name) => !done.includes(name)),
  };
}

interface Migration {
  readonly name: string;
  up(knex: Knex, dialect: Dialect): Promise<void>;
}

/** In order; a released one is never changed, and each only adds. */
const migrations: readonly Migration[] = [
  {
    name: '0001-initial',
    async up(knex, dialect) {
      for (const statement of initialSchema(dialect)) await knex.raw(statement);
      await knex('settings').insert({
        name: 'content_key',
        value: randomBytes(32).toString('base64'),
      });
    },
  },
];

/** The migrations as Knex asks for them: from code, since a bundle has no folder of files. */
export function migrationSource(dialect: Dialect): Knex.MigrationSource<Migration> {
  return {
    getMigrations: () => Promise.resolve([...migrations]),
    getMigrationName: (migration) => migration.name,
    getMigration: (migration) =>
      Promise.resolve({
        up: (knex: Knex) => migration.up(knex, dialect),
        down: () =>
          Promise.reject(new EvolutionError('argument_invalid', 'Migrations only go forward.')),
      }),
  };
}
