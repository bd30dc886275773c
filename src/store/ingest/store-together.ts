import type { Database, Session } from '../database/database';
import { errorCode } from '../database/dialect';
import { lockIds } from '../derive/lock-ids';
import { int64Text, stringifyExactly } from '../schema/json-values';
import { cleanText } from '../schema/text';
import type { PreparedReward } from './prepared-reward';
import type { PreparedSpan } from './prepared-span';
import {
  writeRewardBatch,
  writeSpanBatch,
  type WriteContext,
  type WriterCaches,
} from './write-batch';

/** One row to write; the transaction says what became of it. */
export type WriteItem = {
  readonly index: number;
  duplicate: boolean;
  refused: string | null;
} & (
  | {
      readonly part: 'spans';
      /** Loses what the store has no room for. */
      span: PreparedSpan;
    }
  | { readonly part: 'rewards'; readonly reward: PreparedReward }
);

/**
 * Stores all items in one transaction. A row that the database refuses fails alone: then the
 * transaction is run again with a savepoint around ever smaller halves, and the row ends in
 * `quarantine`, with the reason. Resolves when what is stored is durable; `onCommit` hears when the next transaction may begin.
 */
export async function storeTogether(
  database: Database,
  caches: WriterCaches,
  items: readonly WriteItem[],
  context: WriteContext,
  onCommit: () => void,
): Promise<void> {
  const wanted = items.filter((item) => item.refused === null);
  if (wanted.length === 0) {
    onCommit();
    return;
  }
  const committed = (): void => {
    caches.publish();
    onCommit();
  };
  const run = (store: (session: Session, part: readonly WriteItem[]) => Promise<void>) =>
    database.write(
      'shared',
      (session) => {
        caches.restart();
        for (const item of wanted) item.refused = null;
        return store(session, wanted);
      },
      committed,
    );
  try {
    await run((session, part) => storeItems(session, caches, part, context));
  } catch (error) {
    if (!database.dialect.errorIsData(error)) throw error;
    await run((session, part) => storeHalves(session, caches, part, context));
  }
}

async function storeHalves(
  session: Session,
  caches: WriterCaches,
  items: readonly WriteItem[],
  context: WriteContext,
): Promise<void> {
  await session.run('SAVEPOINT part');
  try {
    await storeItems(session, caches, items, context);
  } catch (error) {
    if (!session.dialect.errorIsData(error)) throw error;
    await session.run('ROLLBACK TO SAVEPOINT part');
    caches.restart();
    if (items.length === 1) {
      await quarantine(session, items[0]!, error, context);
    } else {
      const middle = Math.ceil(items.length / 2);
      await storeHalves(session, caches, items.slice(0, middle), context);
      await storeHalves(session, caches, items.slice(middle), context);
    }
  }
  await session.run('RELEASE SAVEPOINT part');
}

async function storeItems(
  session: Session,
  caches: WriterCaches,
  items: readonly WriteItem[],
  context: WriteContext,
): Promise<void> {
  if (session.dialect.lockIds !== null) await lockItems(session, items);
  const spanItems = items.filter((item) => item.part === 'spans');
  if (spanItems.length > 0) {
    const spans = spanItems.map((item) => item.span);
    const duplicate = await writeSpanBatch(session, caches, spans, context);
    spanItems.forEach((item, index) => (item.duplicate = duplicate[index]!));
  }
  const rewards = items.flatMap((item) => (item.part === 'rewards' ? [item.reward] : []));
  await writeRewardBatch(session, caches, rewards, context.settings);
}

/**
 * A reward by id and the span that it is about may be committed at once by two. Where spans of a trace and rewards on it come
 * together, the trace's own row is lock enough: whoever adds to the trace or derives it waits for it.
 */
function lockItems(session: Session, items: readonly WriteItem[]): Promise<void> {
  const made = new Set<string>();
  const judged = new Set<string>();
  const touched = new Set(
    items.flatMap((item) => (item.part === 'spans' ? item.span.traceId : [])),
  );
  const judge = ({ target }: PreparedReward): void => {
    if (target.kind === 'execution') judged.add(target.executionId);
    else if (target.kind === 'task') judged.add(target.taskId);
    else if ('traceId' in target && !touched.has(target.traceId)) judged.add(target.traceId);
  };
  for (const item of items) {
    if (item.part === 'rewards') {
      judge(item.reward);
      continue;
    }
    const { traceId, texts, rewards } = item.span;
    const { taskId, executionId } = JSON.parse(texts[1] || '{}') as Record<string, string>;
    for (const id of [traceId, taskId, executionId]) if (id !== undefined) made.add(id);
    rewards.forEach(judge);
  }
  return lockIds(session, made, judged);
}

async function quarantine(
  session: Session,
  item: WriteItem,
  error: unknown,
  context: WriteContext,
): Promise<void> {
  const { message } = error as Error;
  item.refused = `the database refused it: ${cleanText(message)} (${errorCode(error)})`;
  const body = item.part === 'spans' ? item.span : item.reward;
  const [kept] = await session.all<{ key: number | string }>(
    'INSERT INTO quarantine (received_at, part, reason, body) VALUES (?, ?, ?, ?) RETURNING key',
    [int64Text(context.nowUnixNano), item.part, item.refused, cleanText(stringifyExactly(body))],
  );
  await session.run('DELETE FROM quarantine WHERE key <= ?', [Number(kept!.key) - mostQuarantined]);
}

/** The latest; who sends nothing but rows that cannot be stored fills no disk. */
const mostQuarantined = 1_000;
