import { InputError } from '../../errors';
import type { Adaptation, AdaptationStatus } from '../../model/adaptation';
import type { AuditEntry } from '../../model/ports-experiments';
import type { Session } from '../database/database';
import { equal } from '../read/record-filter';
import { adaptationTable } from '../schema/book-tables';
import { parseExactly, stringifyExactly } from '../schema/json-values';
import { insertRows } from '../schema/table';
import { cleanText } from '../schema/text';
import { addAudit } from './audit';

export async function createAdaptation(
  session: Session,
  adaptation: Adaptation,
  audit: AuditEntry,
): Promise<void> {
  const { id, revision, status } = adaptation;
  const row = {
    adaptation_id: cleanText(id),
    revision,
    status,
    body: stringifyExactly(adaptation),
  };
  const added = await insertRows(session, adaptationTable, [row], {
    skipping: true,
    returning: 'key',
  });
  if (added.length === 0) {
    throw new InputError(`There is an adaptation ${JSON.stringify(id)} already.`);
  }
  await addAudit(session, audit);
}

export async function getAdaptation(session: Session, id: string): Promise<Adaptation | null> {
  const [row] = await session.all<{ body: string }>(
    'SELECT body FROM adaptations WHERE adaptation_id = ?',
    [cleanText(id)],
  );
  return row === undefined ? null : (parseExactly(row.body) as Adaptation);
}

/** In the order of creation. */
export async function listAdaptations(
  session: Session,
  status: AdaptationStatus | undefined,
): Promise<readonly Adaptation[]> {
  const { sql, values } = equal('status', status);
  const rows = await session.ask<{ body: string }>(
    `SELECT body FROM adaptations WHERE ${['true', ...sql].join(' AND ')} ORDER BY key`,
    values,
  );
  return rows.map(({ body }) => parseExactly(body) as Adaptation);
}

export async function updateAdaptation(
  session: Session,
  next: Adaptation,
  audit: AuditEntry,
): Promise<boolean> {
  const changed = await session.run(
    `UPDATE adaptations SET revision = ?, status = ?, body = ? WHERE adaptation_id = ? AND revision = ?`,
    [next.revision, next.status, stringifyExactly(next), cleanText(next.id), next.revision - 1],
  );
  if (changed > 0) await addAudit(session, audit);
  return changed > 0;
}

/** The kill switch, with its audit row. */
export async function setEnabled(
  session: Session,
  enabled: boolean,
  audit: AuditEntry,
): Promise<void> {
  await session.run(
    `INSERT INTO settings (name, value) VALUES ('adaptations_enabled', ?) ` +
      `ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [String(enabled)],
  );
  await addAudit(session, audit);
}

export async function isEnabled(session: Session): Promise<boolean> {
  const rows = await session.all<{ value: string }>(
    `SELECT value FROM settings WHERE name = 'adaptations_enabled'`,
  );
  return rows[0]?.value !== 'false';
}
