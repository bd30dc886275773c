import { types } from 'node:util';
import { EvolutionError, StoreUnavailableError } from '../../errors';
import { errorCode } from './dialect';

/** The same statement may succeed in a moment: somebody else holds a lock, or we lost a race. */
export function isTransient(error: unknown): boolean {
  return transientCodes.has(errorCode(error));
}

const transientCodes = new Set([
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock not available
]);

/** Another process makes the schema at the same moment: when it is done there is nothing left to do. */
export function isMigrationRace(error: unknown): boolean {
  return isTransient(error) || (types.isNativeError(error) && raceMessages.test(error.message));
}

// Knex hands on what it caught without its code.
const raceMessages = /already exists|duplicate key value|already locked|SQLITE_BUSY/;

/** Turns what a driver throws into an error with a stable code and a hint. */
export function toStoreError(error: unknown): Error {
  if (error instanceof EvolutionError) return error;
  const code = errorCode(error);
  if (code === 'SQLITE_FULL' || code === '53100') {
    return new StoreUnavailableError('The disk or the database is full; nothing was stored.', {
      code: 'database_full',
      cause: error,
      hint: 'Free space or raise the limit; the same call succeeds then.',
    });
  }
  if (isTransient(error)) {
    return new StoreUnavailableError('The database is locked by another process.', {
      cause: error,
      hint: 'Try again in 1 to 4 seconds.',
    });
  }
  const lasting = lastingCause(error, code);
  if (lasting !== null) {
    const { message, hint, damaged } = lasting;
    const named = damaged === true ? { code: 'database_damaged' as const } : {};
    return new StoreUnavailableError(message, { ...named, cause: error, hint });
  }
  if (isAway(error, code)) {
    return new StoreUnavailableError('The database cannot be reached or does not answer.', {
      cause: error,
      hint: 'Check that it runs and that the URL is right; try again in 1 to 4 seconds.',
    });
  }
  // Drivers' errors may come from another realm, where instanceof is false.
  return types.isNativeError(error) ? error : new Error(String(error));
}

interface LastingCause {
  readonly codes: RegExp;
  /** For what comes without a code of its own. */
  readonly said?: RegExp;
  readonly message: string;
  readonly hint: string;
  readonly damaged?: true;
}

/** What does not heal by itself: trying again would only hide it. Codes of Postgres, of SQLite and of Node's TLS;
 * a damaged file is named by `namedDamage`. */
const lastingCauses: readonly LastingCause[] = [
  {
    codes: /^28...$/,
    message: 'The database refused the user or the password.',
    hint: 'Check user and password in the database URL.',
  },
  {
    codes: /^3D000$/,
    message: 'The server has no database of this name.',
    hint: 'Check the name at the end of the database URL, or make it with createdb.',
  },
  {
    codes: /^42501$/,
    message: 'The database refused permission.',
    hint: 'The user needs CREATE and USAGE on its schema, and its tables must be its own.',
  },
  {
    codes:
      /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_\w+)$/,
    said: /self.signed certificate|unable to (get|verify) .*certificate|does not support SSL/i,
    message: 'The connection to the database could not be encrypted as asked.',
    hint: "Check the server's certificate (NODE_EXTRA_CA_CERTS for one of your own) and sslmode in the database URL.",
  },
  {
    codes: /^ENOTFOUND$/,
    message: 'The host of the database is unknown.',
    hint: 'Check the host in the database URL.',
  },
  {
    codes: /^XX00[12]$/,
    message: 'The server says that the database is damaged.',
    hint: 'Restore a backup; pg_amcheck says which tables and indexes are concerned.',
    damaged: true,
  },
  {
    codes: /^SQLITE_(READONLY|PERM)$/,
    message: 'The database file may not be written.',
    hint: 'Check the rights of the file and of its folder, in which SQLite keeps a journal.',
  },
  {
    codes: /^(SQLITE_IOERR.*|58030)$/,
    message: 'The disk of the database failed to read or to write.',
    hint: 'Look at the disk, its mount and its quota (the log of the kernel says more); nothing of this was stored.',
  },
  {
    codes: /^SQLITE_CANTOPEN$/,
    message: 'The database file cannot be opened.',
    hint: 'Check that its folder exists and may be written.',
  },
];

function lastingCause(error: unknown, code: string): LastingCause | null {
  const message = types.isNativeError(error) ? error.message : '';
  const found = lastingCauses.find(
    ({ codes, said }) => codes.test(code) || said?.test(message) === true,
  );
  return found ?? null;
}

function isAway(error: unknown, code: string): boolean {
  // 08 connection exception, 57 operator intervention (shutdown, statement timeout), 53 resources.
  if (/^(08|57|53)...$/.test(code) || awayCodes.has(code)) return true;
  return types.isNativeError(error) && awayMessages.test(error.message);
}

const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
]);

// pg and Knex give these no code.
const awayMessages =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Knex: Timeout acquiring a connection)/;
