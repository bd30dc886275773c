import { statSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { openStore } from '../../src/index';
import { endingProgram, exitPaths, queuedSpans, type ExitPath } from '../support/exit-paths';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres';
import { makeProgramFolder } from '../support/packed-library';
import { newFolder, runNode, type Ended } from '../support/run-program';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';

let programs: Awaited<ReturnType<typeof makeProgramFolder>>;
let postgres: OwnPostgres;
let proxy: TcpProxy;
const home = process.cwd();

beforeAll(async () => {
  programs = await makeProgramFolder();
  postgres = await startOwnPostgres();
  await (await openStore(postgres.url)).close();
  const { hostname, port } = new URL(postgres.url);
  proxy = await startTcpProxy({ host: hostname, port: Number(port) });
}, 60_000);
afterAll(async () => {
  process.chdir(home);
  await proxy.cut().catch(() => {});
  await postgres.stop();
  programs.remove();
}, 60_000);

/** A database that is migrated already, so that only the state of the server matters. */
async function newDatabase(name: string): Promise<string> {
  const client = new Client(postgres.url.replace(/postgres$/, 'template1'));
  await client.connect();
  await client.query(`CREATE DATABASE ${name} TEMPLATE postgres`);
  await client.end();
  const url = new URL(postgres.url);
  url.port = String(proxy.port);
  url.pathname = name;
  return url.href;
}

/** A lock of the program itself on the table of spans. */
const lockFor = (databaseUrl: string, millis: number): string => `
  import pg from 'pg';
  const locker = new pg.Client(${JSON.stringify(databaseUrl)});
  locker.on('error', () => {});
  await locker.connect();
  await locker.query('BEGIN; LOCK TABLE spans IN ACCESS EXCLUSIVE MODE');
  setTimeout(() => void locker.query('ROLLBACK'), ${millis}).unref();
  locker.connection.stream.unref();`;

const states: Readonly<
  Record<string, { before?: typeof lockFor; enter?(): unknown; leave?(): unknown }>
> = {
  up: {},
  slow: { before: lockFor },
  'away, so that connections are refused': {
    enter: () => proxy.cut(),
    leave: () => proxy.restore(),
  },
  'away, so that connections are never answered': {
    enter: () => process.kill(postgres.pid, 'SIGSTOP'),
    leave: () => process.kill(postgres.pid, 'SIGCONT'),
  },
};

describe.each(Object.keys(states))(
  '2,048 queued spans and an open one, Postgres is %s:',
  (state) => {
    const ends = new Map<ExitPath, { ended: Ended; cwd: string; databaseUrl: string }>();

    // All at once: most of it is waiting.
    beforeAll(async () => {
      const { before, ...way } = states[state]!;
      const index = Object.keys(states).indexOf(state);
      const databases: string[] = [];
      for (const n of exitPaths.keys()) databases.push(await newDatabase(`exit_${index}_${n}`));
      await way.enter?.();
      try {
        await Promise.all(
          exitPaths.map(async (path, n) => {
            const databaseUrl = databases[n]!;
            const file = join(programs.folder, `program-${index}-${n}.mjs`);
            writeFileSync(file, endingProgram(databaseUrl, path, before?.(databaseUrl, 300)));
            const cwd = newFolder();
            const signal = path.sends === undefined ? {} : { signal: path.sends };
            ends.set(path, { ended: await runNode([file], { cwd, ...signal }), cwd, databaseUrl });
          }),
        );
      } finally {
        await way.leave?.();
      }
    }, 120_000);

    test.each(exitPaths.map((path) => [path.name, path] as const))(
      '%s keeps all of them, and code and signal',
      async (_name, path) => {
        const { ended, cwd, databaseUrl } = ends.get(path)!;
        expect(ended).toMatchObject({ code: path.code, signal: path.signal });
        expect(ended.stderr).not.toMatch(/lost|postgres:postgres/);
        process.chdir(cwd); // where the spool of a database elsewhere lies
        const spools = () => readdirSync(cwd).filter((name) => name.endsWith('.spool'));
        for (const name of spools()) expect(statSync(name).mode & 0o777).toBe(0o600);
        if (state.startsWith('away')) expect(spools()).toHaveLength(1);
        const store = await openStore(databaseUrl);
        expect((await store.getTotals()).spans).toBe(queuedSpans + 1);
        await store.close();
        expect(spools()).toEqual([]);
      },
    );
  },
);
