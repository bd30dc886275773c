import { InputError } from '../errors';
import type {
  EvolutionStore,
  IngestResult,
  LinkBook,
  RewardBook,
  SpanReader,
  StatsReader,
} from '../model/ports';
import type { OperationReader } from '../model/operation';
import type { ClosingDesk, LearningFeed, PatternBook } from '../model/ports-learning';
import type { Removal, RemovalQuery, Upkeep } from '../model/ports-upkeep';
import type { TokenBook } from '../model/token';
import { bookMethods } from './books/book-methods';
import { admitCut, closeExecutions } from './close/closing';
import type { Database } from './database/database';
import { readLedger, readLooks, recordLook, recordTests } from './read/learning-memory';
import { markPattern } from './read/mark-pattern';
import { getPattern, queryPatterns, storePatterns } from './read/patterns';
import { migrate, migrationStatus } from './database/migrator';
import { backup } from './upkeep/backup';
import { readHourly, readJobs } from './upkeep/jobs';
import { reclaim } from './database/space';
import { noteLearningRefusal, readLearningRefusal } from './upkeep/learning-refusal';
import { reinterpret } from './upkeep/reinterpret';
import { remove } from './upkeep/remove';
import { ping, readContentKey } from './upkeep/ping';
import { openWorkLease } from './derive/lease';
import { addToken, getToken, listTokens, revokeToken } from './upkeep/tokens';
import { readVersions } from './close/agent-versions';
import { readExposed } from './close/exposed';
import {
  countClosedExecutions,
  readClosedExecutions,
  readFrozen,
  readOutcomeChanges,
} from './close/read-frozen';
import { queryLinkedSpans, queryLinks } from './read/read-links';
import { listOperations, listServices } from './read/read-operations';
import { readLatencies } from './read/read-latencies';
import { getReward, queryRewards } from './read/read-rewards';
import { getSpan, getTrace, getTraceSkeleton, listTraces, querySpans } from './read/read-spans';
import { getStats, getTotals, listAgents } from './read/read-stats';
import { createStoreAccess, type StoreAccess } from './store-access';
import type { ResolvedStoreOptions } from './store-options';
import { taskMethods } from './task-methods';
import { checkAddress, checkLink, checkTags, createLink, tagSpan } from './ingest/by-hand';
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
  const access = createStoreAccess(database, options);
  const { read, change, clock, writer } = access;
  return {
    dialect: database.dialect.name,
    driver: database.driver,
    migrate: () => migrate(database, schema),
    migrationStatus: () => migrationStatus(database),
    write: (batch) => writer.write(prepareRows(batch)),
    writePrepared: (rows) => writer.write(rows),
    ...taskMethods(access),
    ...spanMethods(access),
    ...linkMethods(access),
    ...learningMethods(access),
    ...upkeepMethods(access),
    ...tokenMethods(access),
    ...bookMethods(access),
    contentKey: () => read(readContentKey),
    ping: () => change((session) => ping(session, clock.nowUnixNano())),
    close: () => access.close(),
  };
}

function spanMethods({ read, readDerived, writer }: StoreAccess) {
  return {
    querySpans: (query) => readDerived((session) => querySpans(session, query)),
    getSpan: (address) => readDerived((session) => getSpan(session, address)),
    getTrace: (traceId) => readDerived((session) => getTrace(session, traceId)),
    getTraceSkeleton: (traceId) => readDerived((session) => getTraceSkeleton(session, traceId)),
    listTraces: (query) => readDerived((session) => listTraces(session, query)),
    queryByTags: (tags, { match, ...page } = {}) =>
      readDerived((session) => querySpans(session, { tags, tagMatch: match, ...page })),

    async recordReward(reward) {
      const { refused } = await writer.write(prepareRows({ spans: [], rewards: [reward] }));
      if (refused[0]) throw new InputError(`The reward was refused: ${refused[0].reason}.`);
      return readDerived((session) => getReward(session, reward.id));
    },
    queryRewards: (query) => readDerived((session) => queryRewards(session, query)),

    getStats: (query) => readDerived((session) => getStats(session, query)),
    listAgents: () => readDerived(listAgents),
    getTotals: () => readDerived(getTotals),

    listServices: () => read(listServices),
    listOperations: (service, kind) => read((session) => listOperations(session, service, kind)),
  } satisfies SpanReader & RewardBook & StatsReader & OperationReader;
}

function linkMethods({ door, deriver, readDerived, changeDerived }: StoreAccess) {
  return {
    async createLink(from, claim) {
      checkAddress(from);
      await checkLink(door, claim);
      // What a new key left to do is done first, as far as it can be done at once.
      if (claim.target.kind === 'query') deriver.schedule();
      return changeDerived((session, { settings }) =>
        createLink(session, createWriterCaches(), from, claim, settings),
      );
    },
    queryLinks: (query) => readDerived((session) => queryLinks(session, query)),
    queryLinkedSpans: (address, wanted) =>
      readDerived((session) => queryLinkedSpans(session, address, wanted)),
    async tagSpan(address, tags) {
      checkAddress(address);
      checkTags(tags);
      await changeDerived((session, { settings }) =>
        tagSpan(session, createWriterCaches(), address, tags, settings),
      );
    },
  } satisfies LinkBook;
}

function upkeepMethods(access: StoreAccess) {
  const { database, deriver, door, read, readDerived, change, checkOpen, settings, writer } =
    access;
  const { options } = access;
  return {
    readJobs() {
      const counters = { ...deriver.counters, unlistedSpans: writer.unlistedSpans };
      return read((session) => readJobs(session, counters, door.refused, options.retention));
    },
    readHourly: (query) => readDerived((session) => readHourly(session, query)),
    readVersions: (query) => readDerived((session) => readVersions(session, query)),
    async noteLearningRefusal(reason) {
      // Most rounds say what the last one said.
      if ((await read(readLearningRefusal)) === reason) return;
      await change((session) => noteLearningRefusal(session, reason));
    },
    readLatencies: (query) => readDerived((session) => readLatencies(session, query)),
    async remove(query) {
      checkOpen();
      return removeSettled(access, query);
    },
    async measure() {
      checkOpen();
      return database.space.measure();
    },
    async reinterpret(options) {
      checkOpen();
      const done = await reinterpret(database, options, access.options.spansPerSlice);
      settings.forget();
      deriver.schedule();
      return done;
    },
    async derive(maxMillis) {
      checkOpen();
      return deriver.run(maxMillis);
    },
    async inspect(everything) {
      checkOpen();
      return database.inspect(everything);
    },
    async reclaim() {
      checkOpen();
      return reclaim(database.space);
    },
    async backup(file) {
      checkOpen();
      await backup(database, file);
    },
    openLease: (name, takeoverMillis) => openWorkLease(database, name, takeoverMillis),
  } satisfies Upkeep;
}

/** For so long a removal waits for what follows from it, ms. */
const derivedMillis = 60_000;

/** Records are made of spans, so what is over is closed before its spans go. */
async function removeSettled(
  { database, deriver, options, settings, clock }: StoreAccess,
  query: RemovalQuery,
): Promise<Removal> {
  await deriver.run(options.readWaitMillis);
  if (!query.dryRun) {
    const nowUnixNano = clock.nowUnixNano();
    await closeExecutions(database, await settings.read(), { nowUnixNano, rule: 'settled' });
  }
  return remove(
    database,
    query,
    {
      write: (work) => database.write('shared', work),
      spansPerSlice: options.spansPerSlice,
    },
    () => {
      deriver.schedule();
      return deriver.run(derivedMillis);
    },
  );
}

function tokenMethods({ read, change }: StoreAccess) {
  return {
    addToken: (token) => change((session) => addToken(session, token)),
    getToken: (id) => read((session) => getToken(session, id)),
    listTokens: () => read(listTokens),
    revokeToken: (id, nowUnixNano) => change((session) => revokeToken(session, id, nowUnixNano)),
  } satisfies TokenBook;
}

function learningMethods({
  readDerived,
  database,
  read,
  change,
  checkOpen,
  deriver,
  options,
  settings,
}: StoreAccess) {
  return {
    storePattern: (pattern) => change((session) => storePatterns(session, [pattern])),
    getPattern: (id) => read((session) => getPattern(session, id)),
    queryPatterns: (query) => read((session) => queryPatterns(session, query)),
    readLooks: () => read(readLooks),
    recordLook: (look, patterns, entries) =>
      change((session) => recordLook(session, look, patterns, entries)),
    recordTests: (patterns, entries) =>
      change((session) => recordTests(session, patterns, entries)),
    markPattern: (id, life) => change((session) => markPattern(session, id, life)),
    readLedger: (page) => read((session) => readLedger(session, page)),

    async closeExecutions(wanted) {
      checkOpen();
      // What is still to be derived is not over.
      await deriver.run(options.readWaitMillis);
      const closed = await closeExecutions(database, await settings.read(), wanted);
      deriver.schedule();
      return closed;
    },
    admitCut: (nowUnixNano) => {
      checkOpen();
      return database.write('ordered', (session) => admitCut(session, nowUnixNano));
    },
    countClosedExecutions: (filter) =>
      readDerived((session) => countClosedExecutions(session, filter)),
    async *readClosedExecutions(filter) {
      checkOpen();
      await deriver.settled(options.readWaitMillis);
      yield* readClosedExecutions(database, filter);
    },
    readExposed: (subject, afterCursor, limit) =>
      readDerived((session) => readExposed(session, subject, afterCursor, limit)),
    readFrozen: (afterCursor, limit, throughCut) =>
      read((session) => readFrozen(session, afterCursor, limit, throughCut)),
    readOutcomeChanges: (afterCursor, limit) =>
      readDerived((session) => readOutcomeChanges(session, afterCursor, limit)),
  } satisfies PatternBook & LearningFeed & ClosingDesk;
}
