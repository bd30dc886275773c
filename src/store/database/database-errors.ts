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
  if (/^XX00[12]$/.test(code)) {
    return new StoreUnavailableError('The server says that the database is damaged.', {
      code: 'database_damaged',
      cause: error,
      hint: 'Restore a backup; pg_amcheck says which tables and indexes are concerned.',
    });
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

function isAway(error: unknown, code: string): boolean {
  // 08 connection exception, 57 operator intervention (shutdown, statement timeout), 53 resources, 28 login.
  if (/^(08|57|53|28|3D)...$/.test(code) || awayCodes.has(code)) return true;
  return types.isNativeError(error) && awayMessages.test(error.message);
}

const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'SQLITE_CANTOPEN',
  'SQLITE_IOERR',
  'SQLITE_READONLY',
  'SQLITE_PERM',
]);

// pg and Knex give these no code.
const awayMessages =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Knex: Timeout acquiring a connection)/;
