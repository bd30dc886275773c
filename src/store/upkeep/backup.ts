import { existsSync } from 'node:fs';
import { InputError } from '../../errors';
import type { Database } from '../database/database';

/** @throws InputError where the file exists, and on Postgres, whose own tool does it better */
export async function backup(database: Database, file: string): Promise<void> {
  if (database.dialect.name !== 'sqlite') {
    throw new InputError('Expected a SQLite database to back up.', {
      hint: 'Use pg_dump for Postgres.',
    });
  }
  if (existsSync(file)) throw new InputError(`The file ${file} exists already.`);
  await database.maintain(async (knex) => {
    await knex.raw('VACUUM INTO ?', [file]);
  });
}
