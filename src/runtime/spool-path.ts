import { resolve } from 'node:path';
import { nodeCrypto } from '../node-crypto';
import { parseDatabaseUrl } from '../database-url';
import { ConfigError } from '../errors';

/**
 * Where spans wait that could not be written before the process ended: beside a SQLite file, for Postgres
 * in the working directory, under a name made of where the database is, without its password. `null` where
 * nothing outlives the process anyway.
 */
export function spoolPath(databaseUrl: string): string | null {
  try {
    const address = parseDatabaseUrl(databaseUrl);
    if (address.dialect === 'sqlite') {
      return address.inMemory ? null : resolve(`${address.file}.spool`);
    }
    const place = `${address.place} ${address.schema ?? ''}`;
    const name = nodeCrypto().createHash('sha256').update(place).digest('hex').slice(0, 12);
    return resolve(`otel-evolution-${name}.spool`);
  } catch (error) {
    if (error instanceof ConfigError) return null; // opening the database says so
    throw error;
  }
}
