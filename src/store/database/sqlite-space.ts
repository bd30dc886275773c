import type { Session } from './database';
import type { Space } from './space';

/** Pages that one statement moves at most: 4 MB, some ten milliseconds. */
const pagesAtOnce = 512;

/** `use` gives the writer's connection outside of a transaction, one after the other with everybody else. */
export function createSqliteSpace(
  use: <T>(work: (session: Session) => Promise<T>) => Promise<T>,
): Space {
  return {
    measure: () =>
      use(async (session) => {
        const size = await pragma(session, 'page_size');
        const pages = await pragma(session, 'page_count');
        const free = await pragma(session, 'freelist_count');
        return { total: pages * size, used: (pages - free) * size };
      }),
    giveBack: () =>
      use(async (session) => {
        if ((await pragma(session, 'auto_vacuum')) !== incremental) return false;
        // It moves one page a step, and so `all` steps through.
        await session.ask(`PRAGMA incremental_vacuum(${pagesAtOnce})`, []);
        return (await pragma(session, 'freelist_count')) > 0;
      }),
    finish: () =>
      use(async (session) => {
        const isIncremental = (await pragma(session, 'auto_vacuum')) === incremental;
        if (!isIncremental) {
          await session.ask(`PRAGMA auto_vacuum = ${incremental}`, []);
          await session.ask('VACUUM', []);
        }
        // The file itself shrinks when what is in the log is copied; somebody who reads may hold that up.
        await session.ask('PRAGMA wal_checkpoint(TRUNCATE)', []);
        return isIncremental ? 'checkpoint' : 'rewritten';
      }),
  };
}

const incremental = 2;

async function pragma(session: Session, name: string): Promise<number> {
  const [row] = await session.ask<Record<string, number>>(`PRAGMA ${name}`, []);
  return row![name]!;
}
