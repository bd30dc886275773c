import { attributeText } from '../../model/attributes';
import type { Database, Session } from '../database/database';
import { parseAttributes } from '../schema/json-values';
import { cleanText } from '../schema/text';

/** Whose data is to be removed. */
export interface WholeQuery {
  readonly kind: 'task' | 'session' | 'user';
  readonly id: string;
}

/** Keys of what is known of it. */
export interface Subject {
  readonly executions: readonly number[];
  /** Tasks whose words, said by hand, go too. */
  readonly tasks: readonly number[];
  /** Traces with spans of no execution that name it. */
  readonly strayTraces: readonly number[];
  /** Resources that name it. */
  readonly resources: readonly number[];
}

export function findSubject(database: Database, query: WholeQuery): Promise<Subject> {
  if (query.kind === 'user') return findUser(database, cleanText(query.id));
  const column = query.kind === 'task' ? 'task_id' : 'session_id';
  return database.read(async (session) => {
    const tasks = await keys(session, `SELECT key FROM tasks WHERE ${column} = ?`, query.id);
    const executions = await keys(
      session,
      query.kind === 'task'
        ? 'SELECT e.key FROM tasks AS k JOIN executions AS e ON e.task_key = k.key WHERE k.task_id = ?'
        : 'SELECT key FROM executions WHERE session_id = ?',
      query.id,
    );
    return { executions, tasks, strayTraces: [], resources: [] };
  });
}

async function keys(session: Session, sql: string, id: string): Promise<readonly number[]> {
  const rows = await session.all<{ key: number | string }>(sql, [cleanText(id)]);
  return rows.map((row) => Number(row.key));
}

/** Keys under which the conventions say who uses the agent: `user.id`, `enduser.id`, `langfuse.user.id`, `userId`, … */
const userKey = /(^|[._])(end_?)?user(\.pseudo)?[._]?id$/i;

/**
 * Executions with a span, or a resource, that names the user. Nothing is indexed by users, which only such a removal asks
 * for: all spans are looked through, a bounded number at a time.
 */
async function findUser(database: Database, id: string): Promise<Subject> {
  const resources = await database.read((session) => resourcesOf(session, id));
  const executions = new Set<number>();
  const strays = new Set<number>();
  for (let after = 0; ;) {
    const page = await database.read((session) => readPage(session, after, id, resources));
    if (page === null) break;
    for (const { execution, trace } of page.found) {
      if (execution === null) strays.add(trace);
      else executions.add(execution);
    }
    after = page.last;
  }
  return { executions: [...executions], tasks: [], strayTraces: [...strays], resources };
}

const spansAtOnce = 20_000;

interface Page {
  readonly last: number;
  readonly found: readonly { readonly execution: number | null; readonly trace: number }[];
}

async function readPage(
  session: Session,
  after: number,
  id: string,
  resources: readonly number[],
): Promise<Page | null> {
  const { contains, inList, list } = session.dialect;
  const [end] = await session.all<{ last: number | string | null }>(
    `SELECT max(key) AS last FROM (SELECT key FROM spans WHERE key > ? ORDER BY key LIMIT ${spansAtOnce}) AS page`,
    [after],
  );
  if (end!.last === null) return null;
  const last = Number(end!.last);
  const rows = await session.all<{
    trace_key: number | string;
    execution_key: number | string | null;
    resource_key: number | string;
    attributes: string;
  }>(
    `SELECT trace_key, execution_key, resource_key, attributes FROM spans WHERE key > ? AND key <= ? ` +
      `AND (${contains('attributes')} OR ${inList('resource_key', 'bigint')})`,
    [after, last, needleOf(id), list(resources)],
  );
  const known = new Set(resources);
  const found = rows
    .filter((row) => known.has(Number(row.resource_key)) || names(row.attributes, id))
    .map((row) => ({
      execution: row.execution_key === null ? null : Number(row.execution_key),
      trace: Number(row.trace_key),
    }));
  return { last, found };
}

async function resourcesOf(session: Session, id: string): Promise<readonly number[]> {
  const rows = await session.all<{ key: number | string; body: string }>(
    `SELECT key, body FROM resources WHERE ${session.dialect.contains('body')}`,
    [needleOf(id)],
  );
  return rows
    .filter(({ body }) => names(JSON.stringify((JSON.parse(body) as Body).attributes), id))
    .map(({ key }) => Number(key));
}

interface Body {
  readonly attributes: object;
}

const needleOf = (id: string): string => JSON.stringify(id).slice(1, -1);

function names(json: string, id: string): boolean {
  const attributes = parseAttributes(json);
  return Object.keys(attributes).some(
    (key) => userKey.test(key) && attributeText(attributes[key]!) === id,
  );
}
