import { StoreUnavailableError } from '../../errors';
import { errorCode } from './dialect';

/** What a look for damage came to. */
export interface Inspection {
  /** Every page and every row was looked at; else a part, since there is much. */
  readonly whole: boolean;
  /** The first few, as sentences; none where nothing was found. */
  readonly problems: readonly string[];
}

/** Says that the file is damaged, or no database; where it lies stands in the hint, which no HTTP answer shows. Gives any other error back. */
export function namedDamage(file: string, error: unknown): unknown {
  switch (errorCode(error)) {
    case 'SQLITE_NOTADB':
      return new StoreUnavailableError(
        'The file is no SQLite database, or its first page is damaged.',
        {
          code: 'database_damaged',
          cause: error,
          hint: `Check the path. ${repairOf(file)}`,
        },
      );
    case 'SQLITE_CORRUPT':
      return new StoreUnavailableError('The database file is damaged.', {
        code: 'database_damaged',
        cause: error,
        hint: repairOf(file),
      });
    default:
      return error;
  }
}

export function repairOf(file: string): string {
  const quoted = `'${file.replaceAll("'", String.raw`'\''`)}'`;
  const saved = `'${`${file}.saved`.replaceAll("'", String.raw`'\''`)}'`;
  return (
    `Stop what writes to it and put a backup in its place, or save what can be read: ` +
    `sqlite3 ${quoted} .recover | sqlite3 ${saved}`
  );
}
