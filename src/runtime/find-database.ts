import { existsSync } from 'node:fs';
import type { ConfigurationOptions } from '../model/configuration';
import { resolveConfiguration } from '../config';
import { parseDatabaseUrl } from '../database-url';
import { EvolutionError } from '../errors';
import { withoutCredentials } from '../without-credentials';
import { openConfiguredStore } from './open-configured-store';
import { spoolPath } from './spool-path';

export interface FoundDatabase {
  /** As people may read it. */
  readonly name: string;
  /** `missing`: no file; `empty`: none of our tables. */
  readonly state: 'missing' | 'empty' | 'present';
  /** Nobody named it: it is the default. */
  readonly isDefault: boolean;
}

/** Looks whether there is a database, and makes none. @throws as `openStore` when it cannot be looked at */
export async function findDatabase(options: ConfigurationOptions): Promise<FoundDatabase> {
  const { values, sources } = resolveConfiguration(options);
  const address = parseDatabaseUrl(values.databaseUrl);
  const name = withoutCredentials(values.databaseUrl);
  const isDefault = sources.databaseUrl === 'default';
  const inMemory = address.dialect === 'sqlite' && address.inMemory;
  if (inMemory) return { name, state: 'present', isDefault };
  if (address.dialect === 'sqlite' && !existsSync(address.file)) {
    return { name, state: 'missing', isDefault };
  }
  const store = await openConfiguredStore(values, { migrate: 'unchecked' });
  try {
    const { current } = await store.migrationStatus();
    return { name, state: current === 0 ? 'empty' : 'present', isDefault };
  } finally {
    await store.close();
  }
}

/** @throws EvolutionError `database_missing` */
export async function requireDatabase(options: ConfigurationOptions): Promise<void> {
  const { name, state } = await findDatabase(options);
  if (state === 'present') return;
  const spool = spoolPath(resolveConfiguration(options).values.databaseUrl);
  const waiting = spool !== null && existsSync(spool);
  throw new EvolutionError(
    'database_missing',
    state === 'missing'
      ? `There is no database ${name}.`
      : `The database ${name} holds nothing of otel-evolution.`,
    {
      hint: waiting
        ? `Spans of a process that has ended wait in ${spool}. Run: otel-evolution migrate up; the command after it stores them.`
        : 'Check --db and EVOLUTION_DB_URL. `serve`, `import`, `demo` and `migrate up` make one.',
    },
  );
}
