import { EvolutionError } from '../errors';
import type { Clock } from '../model/ports';
import type { Database, Session } from './database/database';
import { Folder } from './derive/folder';
import type { ResolvedStoreOptions } from './store-options';
import type { ExplicitContext } from './ingest/explicit-changes';
import { GroupCommit } from './ingest/group-commit';
import { createWriterCaches } from './ingest/write-batch';

/** The ways in which the store's methods reach the database, and what they share. */
export interface StoreAccess {
  readonly database: Database;
  readonly schema: string | null;
  readonly options: ResolvedStoreOptions;
  readonly clock: Clock;
  readonly writer: GroupCommit;
  readonly folder: Folder;
  /** @throws EvolutionError `closed` */
  readonly checkOpen: () => void;
  readonly read: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
  /** A read of what folds make: tasks, executions, and which span belongs to which. */
  readonly readFolded: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
  readonly change: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
  /** A change that starts from what folds made. */
  readonly changeFolded: <T>(
    work: (session: Session, context: ExplicitContext) => Promise<T>,
  ) => Promise<T>;
  readonly close: () => Promise<void>;
}

export function createStoreAccess(
  database: Database,
  schema: string | null,
  options: ResolvedStoreOptions,
): StoreAccess {
  const { clock } = options;
  const folder = new Folder(database, options);
  const writer = createWriter(database, options, folder);
  let closed = false;
  const checkOpen = (): void => {
    if (closed) throw new EvolutionError('closed', 'The store is closed.');
  };
  const settled = (): Promise<void> => {
    checkOpen();
    return folder.settle();
  };
  return {
    ...{ database, schema, options, clock, writer, folder, checkOpen },
    async read(work) {
      checkOpen();
      return database.read(work);
    },
    async readFolded(work) {
      await settled();
      return database.read(work);
    },
    async change(work) {
      checkOpen();
      return database.write('exclusive', work);
    },
    async changeFolded(work) {
      await settled();
      const { tags } = createWriterCaches();
      return database.write('exclusive', (session) =>
        work(session, { settings: options, tags, nowUnixNano: clock.nowUnixNano() }),
      );
    },
    async close() {
      if (closed) return;
      await writer.close();
      closed = true;
      await folder.close();
      await database.close();
    },
  };
}

function createWriter(
  database: Database,
  options: ResolvedStoreOptions,
  folder: Folder,
): GroupCommit {
  return new GroupCommit(database, createWriterCaches(), {
    maxSpans: options.maxSpansPerTransaction,
    context: () => ({ settings: options, nowUnixNano: options.clock.nowUnixNano() }),
    afterCommit: () => {
      folder.schedule();
    },
  });
}
