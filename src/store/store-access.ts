import { randomUUID } from 'node:crypto';
import { EvolutionError } from '../errors';
import type { Clock } from '../model/ports';
import { closeExecutions } from './close/closing';
import type { Database, Session } from './database/database';
import { sliceSpans } from './derive/rederive-traces';
import { Deriver } from './derive/deriver';
import type { ResolvedStoreOptions } from './store-options';
import type { ExplicitContext } from './ingest/explicit-changes';
import { GroupCommit } from './ingest/group-commit';
import { createKeyWork } from './ingest/index-keys';
import { defaultMatchKeyLimits, MatchKeyDoor } from './ingest/match-keys';
import { createWriterCaches } from './ingest/write-batch';
import { Retention } from './upkeep/retention';
import { createSettingsReader, type SharedSettings } from './upkeep/settings';

/** The ways in which the store's methods reach the database, and what they share. */
export interface StoreAccess {
  readonly database: Database;
  readonly options: ResolvedStoreOptions;
  readonly clock: Clock;
  readonly writer: GroupCommit;
  readonly deriver: Deriver;
  readonly door: MatchKeyDoor;
  readonly settings: { read(): Promise<SharedSettings>; forget(): void };
  /** @throws EvolutionError `closed` */
  readonly checkOpen: () => void;
  readonly read: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
  /** A read of what is derived: it waits a while for what this process itself has written. */
  readonly readDerived: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
  readonly change: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
  /** A change that starts from what was derived. */
  readonly changeDerived: <T>(
    work: (session: Session, context: ExplicitContext) => Promise<T>,
  ) => Promise<T>;
  readonly close: () => Promise<void>;
}

export function createStoreAccess(database: Database, options: ResolvedStoreOptions): StoreAccess {
  const { clock } = options;
  const settings = createSettingsReader(database);
  const { door, deriver, writer } = createWorkers(database, options, settings);
  const retention = createRetention(database, options, settings, deriver);
  let closed = false;
  const checkOpen = (): void => {
    if (closed) throw new EvolutionError('closed', 'The store is closed.');
  };
  const settled = async (): Promise<void> => {
    checkOpen();
    await deriver.settled(options.readWaitMillis);
  };
  return {
    ...{ database, options, clock, writer, deriver, door, settings, checkOpen },
    async read(work) {
      checkOpen();
      return database.read(work);
    },
    async readDerived(work) {
      await settled();
      return database.read(work);
    },
    async change(work) {
      checkOpen();
      const result = await database.write('shared', work);
      deriver.schedule();
      return result;
    },
    async changeDerived(work) {
      await settled();
      const { tags } = createWriterCaches();
      const inForce = await settings.read();
      const result = await database.write('shared', (session) =>
        work(session, { settings: inForce, tags, nowUnixNano: clock.nowUnixNano() }),
      );
      deriver.schedule();
      return result;
    },
    async close() {
      if (closed) return;
      await writer.close();
      closed = true;
      await retention?.close();
      await deriver.close();
      await database.close();
    },
  };
}

function createRetention(
  database: Database,
  { clock, readWaitMillis, retention }: ResolvedStoreOptions,
  settings: StoreAccess['settings'],
  deriver: Deriver,
): Retention | null {
  if (retention.maxAgeMillis === undefined && retention.maxBytes === undefined) return null;
  const closeSettled = async (): Promise<void> => {
    await deriver.run(readWaitMillis);
    const nowUnixNano = clock.nowUnixNano();
    await closeExecutions(database, await settings.read(), { nowUnixNano, rule: 'settled' });
  };
  return new Retention(database, retention, clock, closeSettled, randomUUID());
}

/** Who writes, and who does in the background what writing leaves to do. */
function createWorkers(
  database: Database,
  options: ResolvedStoreOptions,
  settings: StoreAccess['settings'],
): Pick<StoreAccess, 'door' | 'deriver' | 'writer'> {
  const { clock, spansPerSlice } = options;
  const read = () => settings.read();
  const limits = { ...defaultMatchKeyLimits, ...options.matchKeys };
  const door = new MatchKeyDoor(database, clock, limits);
  const keyWork = createKeyWork(database, clock, read, limits, spansPerSlice);
  const deriver = new Deriver(
    database,
    read,
    randomUUID(),
    Math.min(sliceSpans, spansPerSlice),
    keyWork,
  );
  return { door, deriver, writer: createWriter(database, options, settings, deriver, door) };
}

function createWriter(
  database: Database,
  { clock, maxSpansPerTransaction }: ResolvedStoreOptions,
  settings: StoreAccess['settings'],
  deriver: Deriver,
  door: MatchKeyDoor,
): GroupCommit {
  return new GroupCommit(database, createWriterCaches(), {
    maxSpans: maxSpansPerTransaction,
    door,
    clock,
    context: async () => {
      const { meaningVersion, ...derive } = await settings.read();
      return { settings: derive, meaningVersion, nowUnixNano: clock.nowUnixNano() };
    },
    afterCommit: () => {
      deriver.schedule();
    },
  });
}
