import { InputError } from '../errors';
import type { EvolutionStore, IngestResult } from '../model/ports';
import { admitCut, closeExecutions } from './close/closing';
import type { Database } from './database/database';
import {
  getPattern,
  queryPatterns,
  readLedger,
  readLooks,
  recordLook,
  storePatterns,
} from './read/learning-memory';
import { migrate, migrationStatus } from './database/migrator';
import { ping, readContentKey } from './upkeep/ping';
import { countClosedExecutions, readClosedExecutions } from './close/closed-executions';
import { getExecution, getTask, listExecutions, listTasks } from './read/read-executions';
import { queryLinkedSpans, queryLinks } from './read/read-links';
import { getReward, queryRewards } from './read/read-rewards';
import { getSpan, getTrace, listTraces, querySpans } from './read/read-spans';
import { getStats, getTotals, listAgents } from './read/read-stats';
import { createStoreAccess, type StoreAccess } from './store-access';
import type { ResolvedStoreOptions } from './store-options';
import { checkAddress, checkLink, checkTags, createLink, tagSpan } from './ingest/by-hand';
import {
  changeExecution,
  changeTask,
  createExecution,
  createTask,
} from './ingest/explicit-changes';
import { type PreparedRows, prepareRows } from './ingest/prepare-rows';
import { createWriterCaches } from './ingest/write-batch';

/** The store, which also takes rows that were made ready elsewhere. */
export interface OpenedStore extends EvolutionStore {
  /** As `write`, without the work that `prepareRows` has done. */
  writePrepared(rows: PreparedRows): Promise<IngestResult>;
}

/** Puts the store together from its parts; each method is one read or one transaction. */
export function createStore(
  database: Database,
  schema: string | null,
  options: ResolvedStoreOptions,
): OpenedStore {
  const access = createStoreAccess(database, schema, options);
  const { read, change, clock, writer } = access;
  return {
    dialect: database.dialect.name,
    migrate: () => migrate(database, schema),
    migrationStatus: () => migrationStatus(database),
    write: (batch) => writer.write(prepareRows(batch)),
    writePrepared: (rows) => writer.write(rows),
    ...taskMethods(access),
    ...spanMethods(access),
    ...linkMethods(access),
    ...learningMethods(access),
    contentKey: () => read(readContentKey),
    ping: () => change((session) => ping(session, clock.nowUnixNano())),
    close: () => access.close(),
  };
}

function taskMethods({ changeFolded, readFolded, options }: StoreAccess) {
  return {
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
  } satisfies Partial<EvolutionStore>;
}

function spanMethods({ readFolded, writer }: StoreAccess) {
  return {
    querySpans: (query) => readFolded((session) => querySpans(session, query)),
    getSpan: (address) => readFolded((session) => getSpan(session, address)),
    getTrace: (traceId) => readFolded((session) => getTrace(session, traceId)),
    listTraces: (query) => readFolded((session) => listTraces(session, query)),
    queryByTags: (tags, { match, ...page } = {}) =>
      readFolded((session) => querySpans(session, { tags, tagMatch: match, ...page })),

    async recordReward(reward) {
      const { refused } = await writer.write(prepareRows({ spans: [], rewards: [reward] }));
      if (refused[0]) throw new InputError(`The reward was refused: ${refused[0].reason}.`);
      return readFolded((session) => getReward(session, reward.id));
    },
    queryRewards: (query) => readFolded((session) => queryRewards(session, query)),

    getStats: (query) => readFolded((session) => getStats(session, query)),
    listAgents: () => readFolded(listAgents),
    getTotals: () => readFolded(getTotals),
  } satisfies Partial<EvolutionStore>;
}

function linkMethods({ database, read, readFolded, change, folder }: StoreAccess) {
  return {
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
  } satisfies Partial<EvolutionStore>;
}

function learningMethods({
  readFolded,
  database,
  read,
  change,
  changeFolded,
  checkOpen,
  folder,
  options,
}: StoreAccess) {
  return {
    storePattern: (pattern) => change((session) => storePatterns(session, [pattern])),
    getPattern: (id) => read((session) => getPattern(session, id)),
    queryPatterns: (query) => read((session) => queryPatterns(session, query)),
    readLooks: () => read(readLooks),
    recordLook: (look, patterns, entries) =>
      change((session) => recordLook(session, look, patterns, entries)),
    readLedger: (page) => read((session) => readLedger(session, page)),

    closeExecutions: (wanted) =>
      changeFolded((session) => closeExecutions(session, options, wanted)),
    admitCut: (nowUnixNano) => changeFolded((session) => admitCut(session, nowUnixNano)),
    countClosedExecutions: (filter) =>
      readFolded((session) => countClosedExecutions(session, filter)),
    async *readClosedExecutions(filter) {
      checkOpen();
      await folder.settle();
      yield* readClosedExecutions(database, filter);
    },
  } satisfies Partial<EvolutionStore>;
}
