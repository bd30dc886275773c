import { InputError, NotFoundError } from '../errors';
import type { RewardBook, SpanReader, TaskBook } from '../model/ports';
import type { Page, PageRequest } from '../model/query';
import type { Reward } from '../model/reward';
import type { Span } from '../model/span';
import type { Execution, Task } from '../model/task';

/** So many of the newest are looked through for an id that begins as asked: a prefix has no index. */
const searched = 10_000;
const pageSize = 1_000;

/** The task with this id, or the only one among the newest whose id begins so. @throws as `findByPrefix` */
export async function findTask(
  store: Pick<TaskBook, 'getTask' | 'listTasks'>,
  id: string,
): Promise<Task> {
  const exact = await store.getTask(id);
  return (
    exact ??
    findByPrefix(
      'task',
      id,
      (page) => store.listTasks(page),
      (task) => task.id,
    )
  );
}

/**
 * The id of the execution with this id, of the one that this trace is of, or of the only one among the newest whose id
 * begins so. @throws as `findByPrefix`
 */
export async function findExecutionId(
  store: Pick<TaskBook, 'getExecution' | 'listExecutions'>,
  id: string,
): Promise<string> {
  if (id !== '' && (await store.getExecution(id)) !== null) return id;
  if (/^[0-9a-f]{32}$/.test(id)) {
    const [only, other] = (await store.listExecutions({ traceId: id, limit: 2 })).items;
    if (only !== undefined && other === undefined) return only.id;
  }
  const read = (page: PageRequest): Promise<Page<Execution>> => store.listExecutions(page);
  const hint = 'otel-evolution tasks show TASK lists the runs of a task';
  return (await findByPrefix('execution', id, read, (run) => run.id, hint)).id;
}

/** The id of the trace with this id, or of the only one among the newest. @throws as `findByPrefix` */
export async function findTraceId(
  store: Pick<SpanReader, 'getTrace' | 'listTraces'>,
  id: string,
): Promise<string> {
  if (/^[0-9a-f]{32}$/.test(id) && (await store.getTrace(id)).length > 0) return id;
  const trace = await findByPrefix(
    'trace',
    id,
    (page) => store.listTraces(page),
    ({ traceId }) => traceId,
  );
  return trace.traceId;
}

/**
 * The span `<span id>` or `<trace id>:<span id>`, where either may be shortened to what begins one only.
 *
 * @throws as `findByPrefix`
 */
export async function findSpan(
  store: Pick<SpanReader, 'getSpan' | 'getTrace' | 'listTraces' | 'querySpans'>,
  id: string,
): Promise<Span> {
  const [first = '', second] = id.split(':');
  if (second === undefined) {
    const exact = spanIdForm.test(first) ? await store.getSpan({ spanId: first }) : null;
    return exact ?? findByPrefix('span', first, (page) => store.querySpans(page), spanIdOf);
  }
  const spans = await store.getTrace(await findTraceId(store, first));
  const read = () => Promise.resolve({ items: spans, nextCursor: null });
  return findByPrefix('span', second, read, spanIdOf);
}

const spanIdForm = /^[0-9a-f]{16}$/;
const spanIdOf = ({ spanId }: Span): string => spanId;

/** The reward with this id, or the only one among the newest whose id begins so. @throws as `findByPrefix` */
export async function findReward(
  store: Pick<RewardBook, 'queryRewards'>,
  id: string,
): Promise<Reward> {
  const [exact] = id === '' ? [] : (await store.queryRewards({ id })).items;
  return (
    exact ??
    findByPrefix(
      'reward',
      id,
      (page) => store.queryRewards(page),
      (reward) => reward.id,
    )
  );
}

/** Every row of a list, page by page. */
export async function readAllPages<Row>(
  read: (page: PageRequest) => Promise<Page<Row>>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ limit: pageSize, cursor });
    rows.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

/** @throws NotFoundError for none, InputError (`ambiguous`) for several, or for no id at all */
async function findByPrefix<Row>(
  noun: string,
  prefix: string,
  read: (page: PageRequest) => Promise<Page<Row>>,
  idOf: (row: Row) => string,
  hint = `otel-evolution ${noun}s --limit 20`,
): Promise<Row> {
  if (prefix === '') throw new InputError(`Name the ${noun}.`);
  const found: Row[] = [];
  let cursor: string | undefined;
  for (let seen = 0; seen < searched; seen += pageSize) {
    const page = await read({ limit: pageSize, cursor });
    found.push(...page.items.filter((row) => idOf(row).startsWith(prefix)));
    cursor = page.nextCursor ?? undefined;
    if (cursor === undefined) break;
  }
  const [first, second] = found;
  if (first === undefined) {
    const where =
      cursor === undefined ? '' : ` among the newest ${searched}; older ones need the whole id`;
    throw new NotFoundError(`There is no ${noun} ${prefix}${where}.`, { hint });
  }
  if (second === undefined) return first;
  throw new InputError(
    `${found.length} ${noun}s begin with ${prefix}: ${idOf(first)}, ${idOf(second)}, ….`,
    { code: 'ambiguous' },
  );
}
