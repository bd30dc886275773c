import type { Session } from '../database/database';
import { executionDirty } from '../schema/execution-table';
import { traceDirty } from '../schema/trace-table';
import { type DirtyTrace, sliceSpans } from './rederive-traces';

/** One slice of work: what a transaction can take, or one long thing. */
export type Work = { readonly name: string; readonly long: boolean } & (
  | { readonly kind: 'traces'; readonly traces: readonly DirtyTrace[] }
  | { readonly kind: 'recompute' | 'judge'; readonly keys: readonly number[] }
);

const sliceRows = 100;

/**
 * The next slice: traces first, since executions are made of them. `null`: nothing is dirty; `resting`: only what was
 * done a moment ago and is long.
 */
export async function readDirty(
  session: Session,
  resting: ReadonlySet<string>,
  slice = sliceSpans,
): Promise<Work | 'resting' | null> {
  if (!(await isAnyDirty(session))) return null;
  const traces = await readTraces(session, slice);
  const trace = fill(traces, 'trace', resting, slice);
  if (trace) {
    return { kind: 'traces', name: trace.name, long: trace.long, traces: trace.rows };
  }
  const executions = await readExecutions(session, executionDirty.recompute);
  const recompute = fill(executions, 'execution', resting, slice);
  if (recompute) {
    const keys = recompute.rows.map(({ key }) => key);
    return { kind: 'recompute', name: recompute.name, long: recompute.long, keys };
  }
  const judged = await readExecutions(session, executionDirty.judge);
  if (judged.length > 0) {
    return { kind: 'judge', name: 'judge', long: false, keys: judged.map(({ key }) => key) };
  }
  return traces.length + executions.length > 0 ? 'resting' : null;
}

/** SQLite takes the index of what is dirty only where the condition holds the index's own; else it reads every row. */
const marked = (alias: string, dirty: number): string =>
  `${alias}.dirty = ${dirty} AND ${alias}.dirty > 0`;

/** After most writes nothing is, so this is asked at once. */
async function isAnyDirty(session: Session): Promise<boolean> {
  const { judge, recompute } = executionDirty;
  const rows = await session.all(
    `SELECT 1 FROM (SELECT key FROM traces AS t WHERE ${marked('t', traceDirty.whole)} UNION ALL ` +
      `SELECT key FROM executions AS e WHERE ${marked('e', recompute)} UNION ALL ` +
      `SELECT key FROM executions AS e WHERE ${marked('e', judge)}) AS dirty LIMIT 1`,
  );
  return rows.length > 0;
}

interface Sized {
  readonly key: number;
  readonly size: number;
}

/** As many small ones as a slice takes, else the first long one that does not rest. */
function fill<T extends Sized>(
  rows: readonly T[],
  kind: string,
  resting: ReadonlySet<string>,
  slice: number,
): { readonly name: string; readonly long: boolean; readonly rows: readonly T[] } | null {
  let room = slice;
  const small = rows.filter(({ size }) => {
    if (size > slice || room <= 0) return false;
    room -= Math.max(size, 1);
    return true;
  });
  if (small.length > 0) return { name: kind, long: false, rows: small };
  const long = rows.find(({ key }) => !resting.has(`${kind} ${key}`));
  return long ? { name: `${kind} ${long.key}`, long: true, rows: [long] } : null;
}

/** A dirty trace's size is not in its row, so it is counted, as far as matters. */
async function readTraces(
  session: Session,
  slice: number,
): Promise<readonly (DirtyTrace & Sized)[]> {
  const rows = await session.all<{
    key: number | string;
    trace_id: string;
    revision: number | string;
    size: number | string;
  }>(
    `SELECT t.key, t.trace_id, t.revision, (SELECT count(*) FROM ` +
      `(SELECT 1 FROM spans AS s WHERE s.trace_key = t.key LIMIT ${slice + 1}) AS counted) AS size ` +
      `FROM traces AS t WHERE ${marked('t', traceDirty.whole)} ORDER BY t.key LIMIT ${sliceRows}`,
  );
  return rows.map((row) => ({
    key: Number(row.key),
    traceId: row.trace_id,
    revision: Number(row.revision),
    size: Number(row.size),
  }));
}

async function readExecutions(session: Session, dirty: number): Promise<readonly Sized[]> {
  const rows = await session.all<{ key: number | string; spans: number | string }>(
    `SELECT key, spans FROM executions AS e WHERE ${marked('e', dirty)} ORDER BY key LIMIT ${sliceRows}`,
  );
  return rows.map((row) => ({ key: Number(row.key), size: Number(row.spans) }));
}
