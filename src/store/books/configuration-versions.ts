import { InputError } from '../../errors';
import type { ConfigurationVersion } from '../../model/adaptation';
import type { AuditEntry } from '../../model/ports-experiments';
import type { Session } from '../database/database';
import { configurationTable } from '../schema/book-tables';
import { int64Text, parseAttributes, uint64 } from '../schema/json-values';
import { insertRows } from '../schema/table';
import { cleanText, cleanTextOrNull } from '../schema/text';
import { addAudit } from './audit';

/** A version that is there stays as it was: who stored it first, and when. */
export async function storeConfigurationVersion(
  session: Session,
  version: ConfigurationVersion,
): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(version.id)) {
    throw new InputError(
      `The id of a configuration version must be 64 hex characters, got ${JSON.stringify(version.id.slice(0, 100))}.`,
      { hint: 'Make it with configurationVersion().' },
    );
  }
  const row = {
    version_id: version.id,
    label: cleanTextOrNull(version.label),
    actor: cleanText(version.actor),
    created_at: int64Text(version.createdAtUnixNano),
    parent_id: version.parentId,
    // Not cleaned: the id is the hash of every character; JSON escapes what a database refuses.
    config: JSON.stringify(version.config),
  };
  await insertRows(session, configurationTable, [row], { skipping: true, returning: 'key' });
}

export async function getConfigurationVersion(
  session: Session,
  id: string,
): Promise<ConfigurationVersion | null> {
  const [row] = await session.all<VersionRow>(`${select(session)} WHERE version_id = ?`, [
    cleanText(id),
  ]);
  return row === undefined ? null : toVersion(row);
}

/** Newest first. */
export async function listConfigurationVersions(
  session: Session,
  limit: number,
): Promise<readonly ConfigurationVersion[]> {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1_000)) {
    throw new InputError(`limit must be a whole number from 1 to 1000, got ${limit}.`);
  }
  const rows = await session.all<VersionRow>(`${select(session)} ORDER BY key DESC LIMIT ?`, [
    limit,
  ]);
  return rows.map(toVersion);
}

export async function getCurrent(session: Session): Promise<string | null> {
  const [row] = await session.all<{ value: string }>(
    `SELECT value FROM settings WHERE name = 'configuration_current'`,
  );
  return row?.value ?? null;
}

export async function setCurrent(session: Session, id: string, audit: AuditEntry): Promise<void> {
  await session.run(
    `INSERT INTO settings (name, value) VALUES ('configuration_current', ?) ` +
      `ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [id],
  );
  await addAudit(session, audit);
}

interface VersionRow {
  readonly version_id: string;
  readonly label: string | null;
  readonly actor: string;
  readonly created_at: string;
  readonly parent_id: string | null;
  readonly config: string;
}

function select({ dialect }: Session): string {
  return (
    `SELECT version_id, label, actor, ${dialect.asText('created_at')} AS created_at, parent_id, config ` +
    `FROM configuration_versions`
  );
}

function toVersion(row: VersionRow): ConfigurationVersion {
  return {
    id: row.version_id,
    config: parseAttributes(row.config),
    label: row.label,
    actor: row.actor,
    createdAtUnixNano: uint64(row.created_at),
    parentId: row.parent_id,
  };
}
