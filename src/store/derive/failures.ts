import { EvolutionError } from '../../errors';
import type { Session } from '../database/database';
import { isTransient } from '../database/database-errors';
import { type Dialect, errorCode } from '../database/dialect';
import { executionDirty } from '../schema/execution-table';
import { cleanText } from '../schema/text';
import { traceDirty } from '../schema/trace-table';
import { LeaseLost } from './lease';

/** It is away, full or locked, or has another schema: not the fault of what was derived. */
export function isOfTheDatabase(dialect: Dialect, error: unknown): boolean {
  if (dialect.errorIsData(error)) return false;
  return (
    error instanceof EvolutionError ||
    error instanceof LeaseLost ||
    isTransient(error) ||
    /^(SQLITE_|[0-9A-Z]{5}$)/.test(errorCode(error))
  );
}

/** An execution that cannot be derived is left as it is, until something new comes to it. */
export async function markFailed(session: Session, key: number, error: unknown): Promise<void> {
  await session.run('UPDATE executions SET dirty = ? WHERE key = ?', [executionDirty.failed, key]);
  await session.run(
    'UPDATE traces SET derive_error = ? ' +
      'WHERE trace_id = (SELECT root_trace_id FROM executions WHERE key = ?)',
    [reasonOf(error), key],
  );
}

export async function markTraceFailed(
  session: Session,
  key: number,
  error: unknown,
): Promise<void> {
  await session.run('UPDATE traces SET dirty = ?, derive_error = ? WHERE key = ?', [
    traceDirty.failed,
    reasonOf(error),
    key,
  ]);
}

const reasonOf = (error: unknown): string =>
  cleanText(error instanceof Error ? error.message : String(error)).slice(0, 500);
