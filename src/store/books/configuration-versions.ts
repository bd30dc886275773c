import { InputError } from '../../errors';
import type { ConfigurationVersion } from '../../model/adaptation';
import type { AuditEntry } from '../../model/ports-experiments';
import type { Page, PageRequest } from '../../model/query';
import type { Session } from '../database/database';
import { configurationTable } from '../schema/book-tables';
import { int64Text, parseAttributes, uint64 } from '../schema/json-values';
import { insertRows } from '../schema/table';
import { cleanText, cleanTextOrNull } from '../schema/text';
import { type Keyset, readKeyset } from '../read/keyset';
import { noConditions } from '../read/record-filter';
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
  page: PageRequest,
): Promise<Page<ConfigurationVersion>> {
  const keyset: Keyset<VersionRow> = {
    list: 'configurations',
    select: select(session),
    order: [{ column: 'key', kind: 'int' }],
    direction: 'DESC',
    position: (row) => [String(row.key)],
  };
  const { rows, nextCursor } = await readKeyset(session, keyset, noConditions, page);
  return { items: rows.map(toVersion), nextCursor };
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
  readonly key: number | string;
  readonly version_id: string;
  readonly label: string | null;
  readonly actor: string;
  readonly created_at: string;
  readonly parent_id: string | null;
  readonly config: string;
}

function select({ dialect }: Session): string {
  return (
    `SELECT key, version_id, label, actor, ${dialect.asText('created_at')} AS created_at, parent_id, config ` +
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
