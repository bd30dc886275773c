import type { ConfigurationOptions } from '../model/configuration';
import { resolveConfiguration } from '../config';
import { parseDatabaseUrl, type DatabaseAddress } from '../database-url';
import { InputError } from '../errors';
import { requireDatabase } from './find-database';
import { openConfiguredStore } from './open-configured-store';

/**
 * Copies a SQLite database into a new file, while it is in use.
 *
 * @throws InputError where the file exists, and for Postgres, with the command that does it there
 */
export async function backUp(options: ConfigurationOptions, file: string): Promise<void> {
  const { values } = resolveConfiguration(options);
  const address = parseDatabaseUrl(values.databaseUrl);
  if (address.dialect === 'postgres') {
    throw new InputError('backup copies SQLite databases; Postgres has a tool of its own.', {
      hint: `Run: ${dumpCommand(address, file)}`,
    });
  }
  await requireDatabase(options);
  const store = await openConfiguredStore(values, { migrate: 'unchecked' });
  try {
    await store.backup(file);
  } finally {
    await store.close();
  }
}

/** Ready for a shell; it asks for the password, which is not repeated. */
function dumpCommand(
  { urlWithoutPassword, schema }: Extract<DatabaseAddress, { readonly dialect: 'postgres' }>,
  file: string,
): string {
  const words = [
    'pg_dump',
    '--format=custom',
    ...(schema === null ? [] : [`--schema=${schema}`]),
    `--file=${inShell(file)}`,
    inShell(urlWithoutPassword),
  ];
  return words.join(' ');
}

const inShell = (text: string): string =>
  /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
