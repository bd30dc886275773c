import type { AuditEntry } from '../../model/ports-experiments';
import type { Session } from '../database/database';
import { auditTable } from '../schema/book-tables';
import { int64Text, parseExactly, stringifyExactly, uint64 } from '../schema/json-values';
import { insertRows } from '../schema/table';
import { cleanText, cleanTextOrNull } from '../schema/text';

/** In the transaction of the step that it tells of. */
export async function addAudit(session: Session, entry: AuditEntry): Promise<void> {
  const row = {
    subject_kind: entry.subject.kind,
    subject_id: cleanText(entry.subject.id),
    at: int64Text(entry.atUnixNano),
    actor: cleanText(entry.actor),
    from_status: cleanTextOrNull(entry.from),
    to_status: cleanText(entry.to),
    reason: cleanText(entry.reason),
    evidence: stringifyExactly(entry.evidence),
  };
  await insertRows(session, auditTable, [row], { returning: 'key' });
}

/** Oldest first. */
export async function readAudit(
  session: Session,
  { kind, id }: AuditEntry['subject'],
): Promise<readonly AuditEntry[]> {
  const rows = await session.all<{
    at: string;
    actor: string;
    from_status: string | null;
    to_status: string;
    reason: string;
    evidence: string;
  }>(
    `SELECT ${session.dialect.asText('at')} AS at, actor, from_status, to_status, reason, evidence ` +
      `FROM audit WHERE subject_kind = ? AND subject_id = ? ORDER BY key`,
    [kind, cleanText(id)],
  );
  return rows.map((row) => ({
    subject: { kind, id },
    atUnixNano: uint64(row.at),
    actor: row.actor,
    from: row.from_status,
    to: row.to_status,
    reason: row.reason,
    evidence: parseExactly(row.evidence) as AuditEntry['evidence'],
  }));
}
