import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { openStore } from '../../src/index';
import { makeProgramFolder } from '../support/packed-library';
import { newFolder } from '../support/run-program';
import { waitFor } from '../support/wait-for';

// A function instance runs during an invocation and is frozen between two, for seconds or hours, then goes on or is killed.
let programs: Awaited<ReturnType<typeof makeProgramFolder>>;
beforeAll(async () => {
  programs = await makeProgramFolder();
});
afterAll(() => programs.remove());

/** Each line on stdin is an invocation; with `flush` as platforms advise, else without. */
async function startFunction(databaseUrl: string, options = '') {
  const cwd = newFolder();
  const file = join(programs.folder, `function-${process.pid}.mjs`);
  writeFileSync(
    file,
    `import { createInterface } from 'node:readline';
    import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
    import { EvolutionSpanProcessor } from 'otel-evolution';
    const processor = new EvolutionSpanProcessor({ databaseUrl: ${JSON.stringify(databaseUrl)}, ${options} });
    const tracer = new NodeTracerProvider({ spanProcessors: [processor] }).getTracer('function');
    for await (const line of createInterface({ input: process.stdin })) {
      for (let n = 0; n < 10; n += 1) tracer.startSpan(line).end();
      if (line.startsWith('flush')) await processor.forceFlush();
      console.log(JSON.stringify(processor.stats()));
    }`,
  );
  const child = spawn(process.execPath, [file], { cwd, stdio: 'pipe' });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const state = () =>
    /^State:\s+(\S)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return {
    cwd,
    stderr: () => stderr,
    async invoke(line: string) {
      child.stdin.write(`${line}\n`);
      const { value } = (await lines.next()) as { value: string };
      return JSON.parse(value) as {
        processed: number;
        dropped: object;
        queueSize: number;
      };
    },
    async freeze(millis = 0) {
      child.kill('SIGSTOP');
      await waitFor('frozen', () => Promise.resolve(state() === 'T'));
      await sleep(millis);
    },
    thaw: () => child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    async end() {
      child.stdin.end();
      const [code] = (await once(child, 'exit')) as [number];
      return code;
    },
  };
}

const databases: readonly [string, () => string][] = [
  ['SQLite', () => `sqlite:${join(newFolder(), 'test.db')}`],
  ['Postgres', () => `${process.env.TEST_PG_URL}?schema=frozen_${process.pid}_${(schemas += 1)}`],
];
let schemas = 0;
const home = process.cwd();
afterEach(() => process.chdir(home));

describe.each(databases)('on %s', (dialect, newDatabase) => {
  const available = dialect === 'SQLite' || process.env.TEST_PG_URL !== 'none';

  test('flushed at the end of each invocation, everything is stored while the instance is frozen, and it holds nobody up', async () => {
    if (!available) return;
    const databaseUrl = newDatabase();
    await (await openStore(databaseUrl)).close();
    const instance = await startFunction(databaseUrl);
    for (let n = 1; n <= 3; n += 1) {
      expect(await instance.invoke(`flush ${n}`)).toMatchObject({
        processed: 10 * n,
        dropped: {},
        queueSize: 0,
      });
      await instance.freeze();
      const store = await openStore(databaseUrl);
      expect((await store.getTotals()).spans).toBe(10 * n);
      // No lock is left in the frozen process.
      await store.createTask({ id: `beside ${n}` });
      await store.close();
      instance.thaw();
    }
    await instance.freeze();
    await instance.kill(); // instances end like this, too
    const store = await openStore(databaseUrl);
    expect(await store.getTotals()).toMatchObject({ spans: 30, tasks: 3 });
    await store.close();
    expect(instance.stderr()).toBe('');
  }, 60_000);

  test('frozen for longer than every deadline, with spans on their way: they are stored after it, none is given up', async () => {
    if (!available) return;
    const databaseUrl = newDatabase();
    await (await openStore(databaseUrl)).close();
    const deadlines = 'exportTimeoutMillis: 2_000, scheduledDelayMillis: 2';
    const instance = await startFunction(databaseUrl, deadlines);
    for (let n = 1; n <= 3; n += 1) {
      await instance.invoke('no waiting');
      await sleep(4 * n); // before the write, in the middle of it, after it
      await instance.freeze(2_500);
      if (dialect === 'Postgres' && n === 2) await cutIdleConnections(databaseUrl);
      instance.thaw();
    }
    expect(await instance.end()).toBe(0);
    expect(instance.stderr()).not.toContain('lost');
    process.chdir(instance.cwd); // where the spool for Postgres lies
    const store = await openStore(databaseUrl);
    expect((await store.getTotals()).spans).toBe(30);
    await store.close();
  }, 60_000);
});

/** As a router does with a connection that nothing came over for too long. */
async function cutIdleConnections(databaseUrl: string): Promise<void> {
  const url = new URL(databaseUrl);
  const schema = url.searchParams.get('schema')!;
  url.search = '';
  const client = new Client(url.href);
  await client.connect();
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%' || $1 || '%'`,
    [schema],
  );
  await client.end();
}
