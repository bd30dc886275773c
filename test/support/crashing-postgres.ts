import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A PostgreSQL server of one test's own, with a certificate that nobody trusts. */
export interface CrashingPostgres {
  readonly url: string;
  /** Stops its processes where they are, as a machine that hangs. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends it at once, without a checkpoint. */
  crash(): Promise<void>;
  /** After a crash. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startCrashingPostgres(): Promise<CrashingPostgres> {
  const child = fork(join(__dirname, 'crashing-postgres.child.mjs'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The server's keeper ended with ${code}.`);
  });
  ended.catch(() => undefined);
  const answer = async (): Promise<unknown> =>
    ((await Promise.race([once(child, 'message'), ended])) as [unknown])[0];
  const { url } = (await answer()) as { url: string };
  const ask = (deed: string) => async (): Promise<void> => {
    const done = answer();
    child.send(deed);
    await done;
  };
  return {
    url,
    freeze: ask('freeze'),
    thaw: ask('thaw'),
    crash: ask('crash'),
    start: ask('start'),
    remove: ask('remove'),
  };
}
