import type { ResolvedConfiguration } from '../config';
import type { Configuration } from '../model/configuration';
import { tellOperator } from '../otel';
import type { StoreOptions } from '../store';

/** Of the database that is used when nobody names one. */
const defaultMaxBytes = 2e9;

export const dayMillis = 86_400_000;

/** What this process removes in the background: as configured, else a size that keeps `./evolution.db` small. */
export function retentionLimits(
  { retention }: Configuration,
  { databaseUrl }: ResolvedConfiguration['sources'],
): StoreOptions['retention'] {
  const tell = (what: string): void => tellOperator('retention', what);
  if (retention === null) {
    return databaseUrl === 'default' ? { maxBytes: defaultMaxBytes, tell } : undefined;
  }
  const { maxAgeDays, maxSizeBytes } = retention;
  return {
    maxAgeMillis: maxAgeDays === null ? undefined : maxAgeDays * dayMillis,
    maxBytes: maxSizeBytes ?? undefined,
    tell,
  };
}
