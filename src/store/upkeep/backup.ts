import { closeSync, openSync, rmSync } from 'node:fs';
import { InputError } from '../../errors';
import type { Database } from '../database/database';

/** @throws InputError where the file exists or cannot be made, and on Postgres, whose own tool does it better */
export async function backup(database: Database, file: string): Promise<void> {
  if (database.dialect.name !== 'sqlite') {
    throw new InputError('Expected a SQLite database to back up.', {
      hint: 'Use pg_dump for Postgres.',
    });
  }
  createPrivately(file);
  try {
    await database.maintain(async (knex) => {
      await knex.raw('VACUUM INTO ?', [file]);
    });
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Empty, which is what the copy may be written into, and for nobody else to read. */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new InputError(`The file ${file} exists already.`);
    }
    throw new InputError(`The file ${file} cannot be made.`, {
      cause,
      hint: 'Check that its folder exists and may be written.',
    });
  }
}
