import { EvolutionError, InputError } from '../errors';
import type { EvolutionStore } from '../model/ports';
import { admitCut, closeExecutions } from './closing';
import type { Database, Session } from './database';
import { Folder } from './fold/folder';
import {
  getPattern,
  queryPatterns,
  readLedger,
  readLooks,
  recordLook,
  storePatterns,
} from './learning-memory';
import { migrate, migrationStatus } from './migrations/migrator';
import { ping, readContentKey } from './ping';
import { readClosedExecutions } from './read/closed-executions';
import { getExecution, getTask, listExecutions, listTasks } from './read/read-executions';
import { queryLinkedSpans, queryLinks } from './read/read-links';
import { getReward, queryRewards } from './read/read-rewards';
import { getSpan, getTrace, listTraces, querySpans } from './read/read-spans';
import { getStats, getTotals, listAgents } from './read/read-stats';
import type { ResolvedStoreOptions } from './store-options';
import { checkAddress, checkLink, checkTags, createLink, tagSpan } from './write/by-hand';
import {
  changeExecution,
  changeTask,
  createExecution,
  createTask,
  type ExplicitContext,
} from './write/explicit-changes';
import { GroupCommit } from './write/group-commit';
import { createWriterCaches } from './write/write-batch';

/** Puts the store together from its parts; each method is one read or one transaction. */
export function createStore(
  database: Database,
  schema: string | null,
  options: ResolvedStoreOptions,
): EvolutionStore {
  const { clock } = options;
  const folder = new Folder(database, options);
  const writer = new GroupCommit(database, createWriterCaches(), {
    maxSpans: options.maxSpansPerTransaction,
    context: () => ({ settings: options, nowUnixNano: clock.nowUnixNano() }),
    afterCommit: () => {
      folder.schedule();
    },
  });
  let closed = false;
  const checkOpen = (): void => {
    if (closed) throw new EvolutionError('closed', 'The store is closed.');
  };
  const read = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    checkOpen();
    return database.read(work);
  };
  /** A read of what folds make: tasks, executions, and which span belongs to which. */
  const readFolded = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    checkOpen();
    await folder.settle();
    return database.read(work);
  };
  const change = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    checkOpen();
    return database.write('exclusive', work);
  };
  /** A change that starts from what folds made. */
  const changeFolded = async <T>(
    work: (session: Session, context: ExplicitContext) => Promise<T>,
  ): Promise<T> => {
    checkOpen();
    await folder.settle();
    return database.write('exclusive', (session) =>
      work(session, {
        settings: options,
        tags: createWriterCaches().tags,
        nowUnixNano: clock.nowUnixNano(),
      }),
    );
  };

  return {
    dialect: database.dialect.name,
    migrate: () => migrate(database, schema),
    migrationStatus: () => migrationStatus(database),
    write: (batch) => writer.write(batch),

    createTask: (task) => {
      const id = task.id ?? options.newId();
      return changeFolded(async (session, context) => {
        await createTask(session, context, id, task);
        return (await getTask(session, id))!;
      });
    },
    getTask: (id) => readFolded((session) => getTask(session, id)),
    updateTask: (id, wanted) =>
      changeFolded(async (session, context) => {
        await changeTask(session, context, id, wanted);
        return (await getTask(session, id))!;
      }),
    listTasks: (query) => readFolded((session) => listTasks(session, query)),

    createExecution: (execution) => {
      const id = execution.id ?? options.newId();
      return changeFolded(async (session, context) => {
        await createExecution(session, context, id, execution);
        return (await getExecution(session, id))!;
      });
    },
    getExecution: (id) => readFolded((session) => getExecution(session, id)),
    updateExecution: (id, wanted) =>
      changeFolded(async (session, context) => {
        await changeExecution(session, context, id, wanted);
        return (await getExecution(session, id))!;
      }),
    listExecutions: (query) => readFolded((session) => listExecutions(session, query)),

    querySpans: (query) => readFolded((session) => querySpans(session, query)),
    getSpan: (address) => readFolded((session) => getSpan(session, address)),
    getTrace: (traceId) => readFolded((session) => getTrace(session, traceId)),
    listTraces: (query) => readFolded((session) => listTraces(session, query)),

    async createLink(from, claim) {
      checkAddress(from);
      await checkLink(database, claim);
      const link = await change((session) =>
        createLink(session, createWriterCaches(), from, claim),
      );
      folder.schedule();
      return link;
    },
    queryLinks: (query) => read((session) => queryLinks(session, query)),
    queryLinkedSpans: (address, wanted) =>
      readFolded((session) => queryLinkedSpans(session, address, wanted)),
    async tagSpan(address, tags) {
      checkAddress(address);
      checkTags(tags);
      await change((session) => tagSpan(session, createWriterCaches(), address, tags));
      folder.schedule();
    },
    queryByTags: (tags, { match, ...page } = {}) =>
      readFolded((session) => querySpans(session, { tags, tagMatch: match, ...page })),

    async recordReward(reward) {
      const { refused } = await writer.write({ spans: [], rewards: [reward] });
      if (refused[0]) throw new InputError(`The reward was refused: ${refused[0].reason}.`);
      return readFolded((session) => getReward(session, reward.id));
    },
    queryRewards: (query) => readFolded((session) => queryRewards(session, query)),

    storePattern: (pattern) => change((session) => storePatterns(session, [pattern])),
    getPattern: (id) => read((session) => getPattern(session, id)),
    queryPatterns: (query) => read((session) => queryPatterns(session, query)),
    readLooks: () => read(readLooks),
    recordLook: (look, patterns, entries) =>
      change((session) => recordLook(session, look, patterns, entries)),
    readLedger: (page) => read((session) => readLedger(session, page)),

    getStats: (query) => readFolded((session) => getStats(session, query)),
    listAgents: () => readFolded(listAgents),
    getTotals: () => readFolded(getTotals),

    closeExecutions: (wanted) =>
      changeFolded((session) => closeExecutions(session, options, wanted)),
    admitCut: (nowUnixNano) => changeFolded((session) => admitCut(session, nowUnixNano)),
    async *readClosedExecutions(filter) {
      checkOpen();
      await folder.settle();
      yield* readClosedExecutions(database, filter);
    },

    contentKey: () => read(readContentKey),
    ping: () => change((session) => ping(session, clock.nowUnixNano())),
    async close() {
      if (closed) return;
      await writer.close();
      closed = true;
      await folder.close();
      await database.close();
    },
  };
}
