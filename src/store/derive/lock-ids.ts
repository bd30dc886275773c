import type { Session } from '../database/database';
import { cleanText } from '../schema/text';

/**
 * Who makes a task, an execution or a trace and who judges it by its id wait for each other until their transactions end, so
 * that the later one sees the earlier. Whoever does both names them in one call, before anything is read.
 */
export async function lockIds(
  session: Session,
  made: Iterable<string>,
  judged: Iterable<string> = [],
): Promise<void> {
  const { lockIds: sql } = session.dialect;
  if (sql === null) return;
  const wanted = new Map<string, boolean>();
  for (const id of made) wanted.set(cleanText(id), false);
  for (const id of judged) wanted.set(cleanText(id), true);
  if (wanted.size > 0) await session.all(sql, [JSON.stringify([...wanted])]);
}
