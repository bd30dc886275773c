import type { Operation } from '../../model/operation';
import type { SpanKind } from '../../model/span';
import type { Session } from '../database/database';
import { listedName } from '../schema/operation-table';

export async function listServices(session: Session): Promise<readonly string[]> {
  const rows = await session.all<{ service: string }>(
    'SELECT DISTINCT service FROM operations ORDER BY service',
  );
  return rows.map(({ service }) => service);
}

export async function listOperations(
  session: Session,
  service: string,
  kind?: SpanKind,
): Promise<readonly Operation[]> {
  const rows = await session.all<{ name: string; kind: number | string }>(
    'SELECT name, kind FROM operations WHERE service = ? ORDER BY name, kind',
    [listedName(service)],
  );
  const operations = rows.map((row) => ({ name: row.name, kind: Number(row.kind) as SpanKind }));
  return kind === undefined ? operations : operations.filter((one) => one.kind === kind);
}
