import type { ExposureSubject, FrozenPage } from '../../model/ports-learning';
import type { Session } from '../database/database';
import { exposedTable } from '../schema/frozen-table';
import { int64Text } from '../schema/json-values';
import { insertRows } from '../schema/table';
import { cleanText } from '../schema/text';
import { type FrozenExecution, unpackFrozen } from './frozen-record';

export interface AddedRecord {
  readonly key: number | string;
  readonly execution_id: string;
}

/** Notes what the new records were exposed to, so that a subject's runs are found without the others. */
export async function indexExposures(
  session: Session,
  records: readonly FrozenExecution[],
  added: readonly AddedRecord[],
): Promise<void> {
  const keys = new Map(added.map(({ key, execution_id }) => [execution_id, Number(key)]));
  const rows = records.flatMap(({ id, exposures }) => {
    const frozen_key = keys.get(id);
    if (frozen_key === undefined || exposures.length === 0) return [];
    const subjects = exposures.flatMap(({ experimentId, adaptationId }) => [
      ...(experimentId === null ? [] : [nameOf({ kind: 'experiment', id: experimentId })]),
      ...(adaptationId === null ? [] : [nameOf({ kind: 'adaptation', id: adaptationId })]),
    ]);
    return [...new Set(subjects)].map((subject) => ({ subject, frozen_key }));
  });
  await insertRows(session, exposedTable, rows, { skipping: true, returning: 'frozen_key' });
}

/** In the order of closing. */
export async function readExposed(
  session: Session,
  subject: ExposureSubject,
  afterCursor: number,
  limit: number,
): Promise<FrozenPage> {
  const rows = await session.all<{ key: number | string; body: string; outcome: string }>(
    `SELECT f.key, f.body, f.outcome FROM exposed AS x JOIN frozen AS f ON f.key = x.frozen_key ` +
      `WHERE x.subject = ? AND x.frozen_key > ? AND f.closed_at >= CAST(? AS bigint) ` +
      `ORDER BY x.frozen_key LIMIT ${Math.trunc(limit)}`,
    [nameOf(subject), afterCursor, int64Text(subject.closedSinceUnixNano ?? 0n)],
  );
  return {
    executions: rows.map((row) => unpackFrozen(row.body, row.outcome)),
    cursor: rows.length === 0 ? afterCursor : Number(rows.at(-1)!.key),
  };
}

function nameOf({ kind, id }: ExposureSubject): string {
  return `${kind} ${cleanText(id)}`;
}
