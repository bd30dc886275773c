import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEvolution, openStore } from '../../src/index';
import { makeProgramFolder } from '../support/packed-library';
import { newFolder, runNode, totalsOf } from '../support/run-program';

let programs: Awaited<ReturnType<typeof makeProgramFolder>>;
beforeAll(async () => {
  programs = await makeProgramFolder();
});
afterAll(() => programs.remove());

const newUrl = () => `sqlite:${join(newFolder(), 'test.db')}`;
const write = (name: string, source: string): string => {
  const file = join(programs.folder, name);
  writeFileSync(file, source);
  return file;
};

/** What each of them does first: its own processor on the one file. */
const setUp = `
  import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
  import { contextFromEnvironment, environmentFromContext, EvolutionSpanProcessor, getGlobalTracker } from 'otel-evolution';
  import { context } from '@opentelemetry/api';
  const processor = new EvolutionSpanProcessor({ databaseUrl: process.env.EVOLUTION_DB_URL });
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
  const tracer = provider.getTracer('app');`;

test('fork: children continue the task of their parent, on the same file, and end as they like', async () => {
  const databaseUrl = newUrl();
  write(
    'child.mjs',
    `${setUp}
    await context.with(contextFromEnvironment(process.env), () =>
      getGlobalTracker().withExecution({ id: 'run-' + process.argv[2], agent: { id: 'child' } }, async () => {
        tracer.startSpan('work').end();
      }));
    if (process.argv[2] === '0') process.exit(3);`,
  );
  const parent = write(
    'parent.mjs',
    `${setUp}
    import { fork } from 'node:child_process';
    import { once } from 'node:events';
    const codes = await getGlobalTracker().withTask({ id: 'forked' }, () => {
      const env = { ...process.env, ...environmentFromContext(context.active()) };
      return Promise.all(['0', '1', '2'].map(async (n) => {
        const [code] = await once(fork(new URL('./child.mjs', import.meta.url), [n], { env }), 'exit');
        return code;
      }));
    });
    console.log(JSON.stringify(codes));`,
  );
  const ended = await runNode([parent], { env: { EVOLUTION_DB_URL: databaseUrl } });
  expect(ended).toMatchObject({ code: 0, stdout: '[3,0,0]\n' });
  const evolution = await createEvolution({ databaseUrl });
  expect(await evolution.store.getTask('forked')).toMatchObject({ executions: 3 });
  const { items } = await evolution.store.listExecutions({ taskId: 'forked', limit: 10 });
  expect(items.map(({ id, spans }) => [id, spans]).sort()).toEqual([
    ['run-0', 2],
    ['run-1', 2],
    ['run-2', 2],
  ]);
  await evolution.close();
}, 60_000);

test('a cluster on one SQLite file: requests to four workers that write at once are all stored, once', async () => {
  const databaseUrl = newUrl();
  const requests = 200;
  const program = write(
    'cluster.mjs',
    `import cluster from 'node:cluster';
    import { once } from 'node:events';
    ${setUp}
    if (cluster.isPrimary) {
      const workers = [1, 2, 3, 4].map(() => cluster.fork());
      const [port] = await Promise.all(workers.map(async (worker) => (await once(worker, 'listening'))[0].port));
      const counts = workers.map(async (worker) => (await once(worker, 'message'))[0]);
      await Promise.all(Array.from({ length: ${requests} }, (_, n) => fetch('http://127.0.0.1:' + port + '/' + n).then((r) => r.text())));
      for (const worker of workers) worker.send('end');
      const stats = await Promise.all(counts);
      console.log(stats.reduce((sum, it) => sum + it.processed, 0), JSON.stringify(stats.map((it) => it.dropped)));
    } else {
      const { createServer } = await import('node:http');
      const server = createServer((request, response) => {
        void getGlobalTracker().withTask({ id: 'task' + request.url }, () =>
          getGlobalTracker().withExecution(async () => {
            for (let n = 0; n < 4; n += 1) tracer.startSpan('work').end();
            response.end('ok');
          }));
      }).listen(0, '127.0.0.1');
      await once(process, 'message');
      server.close();
      await provider.shutdown();
      process.send(processor.stats(), () => process.disconnect());
    }`,
  );
  const ended = await runNode([program], { env: { EVOLUTION_DB_URL: databaseUrl } });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toBe(`${requests * 5} [{},{},{},{}]\n`);
  expect(await totalsOf(databaseUrl)).toMatchObject({
    tasks: requests,
    executions: requests,
    spans: requests * 5,
  });
}, 60_000);

// The threads of examples/worker return; these do not.
test.each([
  ['process.exit in a thread', 'process.exit(0);', 0],
  ['an exception in a thread', 'throw new Error("boom");', 1],
])(
  'worker_threads: %s loses nothing',
  async (_name, end, code) => {
    const databaseUrl = newUrl();
    write(
      'thread.mjs',
      `${setUp}
    tracer.startSpan('open');
    for (let n = 0; n < 600; n += 1) tracer.startSpan('ended').end();
    ${end}`,
    );
    const program = write(
      'threads.mjs',
      `import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const codes = await Promise.all([1, 2].map(async () => {
      const worker = new Worker(new URL('./thread.mjs', import.meta.url));
      worker.on('error', () => {});
      return new Promise((done) => worker.on('exit', done));
    }));
    console.log(JSON.stringify(codes));`,
    );
    const ended = await runNode([program], { env: { EVOLUTION_DB_URL: databaseUrl } });
    expect(ended).toMatchObject({ code: 0, stdout: `[${code},${code}]\n` });
    expect((await totalsOf(databaseUrl)).spans).toBe(1_202);
  },
  60_000,
);

// README names the window: what ended more than a second before is stored.
test.each([
  ['terminate()', 'await worker.terminate();', { code: 0, signal: null }],
  ['process.exit in the main thread', 'process.exit(0);', { code: 0, signal: null }],
  ['a signal', 'process.kill(process.pid, "SIGTERM");', { code: null, signal: 'SIGTERM' }],
])(
  'worker_threads: ended by %s, a thread loses its last second at most',
  async (_name, end, expected) => {
    const databaseUrl = newUrl();
    await (await openStore(databaseUrl)).close();
    write(
      'ended.mjs',
      `${setUp}
    import { parentPort } from 'node:worker_threads';
    for (let n = 0; n < 300; n += 1) tracer.startSpan('early').end();
    while (processor.stats().processed < 300) await new Promise((done) => setTimeout(done, 100));
    setInterval(() => tracer.startSpan('late').end(), 1); // it is at work when the end comes
    await new Promise((done) => setTimeout(done, 1_500));
    parentPort.postMessage('now');`,
    );
    const program = write(
      'ending.mjs',
      `import { Worker } from 'node:worker_threads';
    const worker = new Worker(new URL('./ended.mjs', import.meta.url));
    worker.on('message', async () => { ${end} });`,
    );
    // `sqlite3` would abort the process where it meets the end of its thread at work, see docs/troubleshooting.md.
    const env = { EVOLUTION_DB_URL: databaseUrl, EVOLUTION_SQLITE_DRIVER: 'libsql' };
    const ended = await runNode([program], { env });
    expect(ended).toMatchObject(expected);
    expect((await totalsOf(databaseUrl)).spans).toBeGreaterThanOrEqual(300);
  },
  60_000,
);
