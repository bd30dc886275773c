import { readPackageManager } from '../config';
import type { Configuration } from '../model/configuration';
import type { OpenedStore, StoreOptions } from '../store';
import { systemClock } from './system-clock';

/** The database that the configuration names, read as it says. @throws as `openStore` */
export async function openConfiguredStore(
  { databaseUrl, ...values }: Configuration,
  options: Pick<StoreOptions, 'migrate' | 'retention'> = {},
): Promise<OpenedStore> {
  const { openStore } = await import('../store');
  return openStore(databaseUrl, {
    clock: systemClock,
    successThreshold: values.successThreshold,
    sourceOrder: values.sourceOrder,
    sqliteDriver: values.sqliteDriver,
    databaseConnections: values.databaseConnections,
    retryMillis: values.retryMillis,
    statementTimeoutMillis: values.statementTimeoutMillis,
    readWaitMillis: values.readWaitMillis,
    packageManager: readPackageManager(),
    ...options,
  });
}
