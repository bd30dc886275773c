import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createEvolution, openStore } from '../../src/index';
import { endingProgram, exitPaths, queuedSpans } from '../support/exit-paths';
import { makeProgramFolder } from '../support/packed-library';
import { runCli } from '../support/run-cli';
import { newFolder, runNode, totalsOf, type Ended, type RunOptions } from '../support/run-program';

let programs: Awaited<ReturnType<typeof makeProgramFolder>>;
let count = 0;

beforeAll(async () => {
  programs = await makeProgramFolder();
});
afterAll(() => programs.remove());

async function run(source: string, options: RunOptions = {}): Promise<Ended> {
  const file = join(programs.folder, `program-${(count += 1)}.mjs`);
  writeFileSync(file, source);
  return runNode([file], options);
}

describe("the README's snippets as they are printed", () => {
  const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
  const snippets = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '');

  test('the provider: spans of a program that just ends are stored', async () => {
    const snippet = snippets.find((code) => code.includes('OTLPTraceExporter'));
    const cwd = newFolder();
    const ended = await run(
      `import { trace } from '@opentelemetry/api';
       ${snippet}
       for (let i = 0; i < 600; i += 1) trace.getTracer('app').startSpan('s').end();`,
      // Nobody listens there: the neighbour's exporter fails, and that is its own affair.
      { cwd, env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } },
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect((await totalsOf(`sqlite:${join(cwd, 'evolution.db')}`)).spans).toBe(600);
  });

  test('tasks, executions, rewards: all of them are stored when close() resolves', async () => {
    const snippet = snippets.find((code) => code.includes("id: 'ticket-17'"));
    const cwd = newFolder();
    const ended = await run(
      `const myAgent = { run: async (question) => question };
       const answerTicket = async () => ({ ok: true });
       ${snippet}
       process.exit(0);`,
      { cwd },
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const found = await totalsOf(`sqlite:${join(cwd, 'evolution.db')}`);
    expect(found).toMatchObject({ tasks: 2, executions: 2, rewards: 1 });
  });
});

describe('without a provider', () => {
  test('"next week from another process": the reward is in the store when the call resolves', async () => {
    const databaseUrl = `sqlite:${join(newFolder(), 'test.db')}`;
    const ended = await run(
      `import { createEvolution, linkReward, withTags } from 'otel-evolution';
       const evolution = await createEvolution({ databaseUrl: ${JSON.stringify(databaseUrl)} });
       const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
       const id = await linkReward(span, { value: 0.5 });
       await withTags(span, ['late']);
       const { items } = await evolution.store.queryRewards({ limit: 10 });
       console.log(id === items[0].id, items[0].value);
       process.exit(0);`,
    );
    expect(ended).toMatchObject({ code: 0, stdout: 'true 0.5\n', stderr: '' });
    expect(await totalsOf(databaseUrl)).toMatchObject({ rewards: 1 });
  });

  test('tasks and executions of the tracker are recorded, nested, and concurrent ones stay apart', async () => {
    const databaseUrl = `sqlite:${join(newFolder(), 'test.db')}`;
    const ended = await run(
      `import { createEvolution } from 'otel-evolution';
       const evolution = await createEvolution({ databaseUrl: ${JSON.stringify(databaseUrl)} });
       const { tracker } = evolution;
       await Promise.all(['a', 'b'].map((id) => tracker.withTask({ id, type: 't' }, () =>
         tracker.withExecution({ id: 'run-' + id, agent: { id: 'me' } }, async () => {
           await new Promise((done) => setTimeout(done, 10));
           await tracker.track({ name: 'step', attributes: { 'gen_ai.operation.name': 'execute_tool' } }, async () => {});
         }))));
       await evolution.close();`,
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const evolution = await createEvolution({ databaseUrl });
    for (const id of ['a', 'b']) {
      const execution = await evolution.store.getExecution(`run-${id}`);
      expect(execution).toMatchObject({ taskId: id, spans: 2, toolCalls: 1, status: 'completed' });
    }
    await evolution.close();
  });

  test('a provider that brings its spans to others only: the tracker hands its own over', async () => {
    const databaseUrl = `sqlite:${join(newFolder(), 'test.db')}`;
    const ended = await run(
      `import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
       import { createEvolution } from 'otel-evolution';
       new NodeTracerProvider({ spanProcessors: [] }).register();
       const evolution = await createEvolution({ databaseUrl: ${JSON.stringify(databaseUrl)} });
       const { tracker } = evolution;
       await tracker.withTask({ id: 't' }, () => tracker.withExecution(async (span) => {
         await tracker.linkReward(span, { value: 1 });
       }));
       await evolution.close();`,
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(await totalsOf(databaseUrl)).toMatchObject({ tasks: 1, executions: 1, rewards: 1 });
  });

  test('a call that cannot store rejects', async () => {
    const ended = await run(
      `import { EvolutionSpanProcessor, linkReward } from 'otel-evolution';
       new EvolutionSpanProcessor({ databaseUrl: 'sqlite:/nonexistent/dir/x.db' });
       const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
       await linkReward(span, { value: 1 }).catch((error) => console.log(error.code));`,
    );
    expect(ended).toMatchObject({ code: 0, stdout: 'database_unavailable\n' });
  });
});

// That it costs two seconds at most is held by `test/otel/dead-database`, on a clock of its own.
describe('a dead database', () => {
  test.each([
    [
      'SQLite in a folder that is not there',
      'sqlite:/nonexistent/dir/x.db',
      /ENOENT.*Check that its folder exists/,
    ],
    ['Postgres away', 'postgres://user:secret@127.0.0.1:9/x', /ECONNREFUSED/],
  ])(
    '%s: said on stderr with its cause, flush rejects, shutdown resolves, every span is counted',
    async (_name, databaseUrl, cause) => {
      const ended = await run(
        `import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
       import { EvolutionSpanProcessor } from 'otel-evolution';
       const processor = new EvolutionSpanProcessor({ databaseUrl: ${JSON.stringify(databaseUrl)} });
       const provider = new NodeTracerProvider({ spanProcessors: [processor] });
       for (let i = 0; i < 3000; i += 1) provider.getTracer('app').startSpan('s').end();
       await processor.forceFlush().catch((error) => console.log(error.code));
       await provider.shutdown();
       const { processed, spooled, dropped, queueSize, queueBytes } = processor.stats();
       const total = processed + spooled + Object.values(dropped).reduce((sum, n) => sum + n, 0);
       console.log(total, queueSize, queueBytes);`,
      );
      expect(ended.stdout).toBe('database_unavailable\n3000 0 0\n');
      expect(ended.code).toBe(0);
      expect(ended.stderr).toMatch(cause);
      expect(ended.stderr).toMatch(/queue_full 952/);
      expect(ended.stderr).not.toContain('secret');
      expect(ended.stderr.trim().split('\n').length).toBeLessThanOrEqual(4);
    },
  );

  test('EVOLUTION_STDERR=false keeps it to diag', async () => {
    const ended = await run(
      `import { diag, DiagLogLevel } from '@opentelemetry/api';
       import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
       import { EvolutionSpanProcessor } from 'otel-evolution';
       const log = (text) => console.log(text);
       diag.setLogger({ error: log, warn: log, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
       const processor = new EvolutionSpanProcessor({ databaseUrl: 'sqlite:/nonexistent/dir/x.db' });
       const provider = new NodeTracerProvider({ spanProcessors: [processor] });
       provider.getTracer('app').startSpan('s').end();
       await provider.shutdown();`,
      { env: { EVOLUTION_STDERR: 'false' } },
    );
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toContain('spans cannot be stored at present');
    expect(ended.stdout).toContain('1 span(s) lost');
  });
});

describe.each(['up', 'slow', 'away'])(
  '2,048 queued spans and an open one, the store is %s:',
  (state) => {
    test.each(exitPaths.map((path) => [path.name, path] as const))(
      '%s keeps all of them, and code and signal',
      async (_name, path) => {
        const file = join(newFolder(), 'test.db');
        const databaseUrl = `sqlite:${file}`;
        // Created before, so that only the state of the store matters; a lock makes it slow or away.
        await (await openStore(databaseUrl)).close();
        const lock = `
          import { createRequire } from 'node:module';
          const { Database } = createRequire(import.meta.url)('sqlite3');
          const sql = (statement) => new Promise((done) => locker.exec(statement, done));
          const locker = new Database(${JSON.stringify(file)});
          await sql('BEGIN EXCLUSIVE');
          if (${JSON.stringify(state)} === 'slow') setTimeout(() => void sql('ROLLBACK'), 300).unref();`;
        const ended = await run(
          endingProgram(databaseUrl, path, state === 'up' ? '' : lock),
          path.sends === undefined ? {} : { signal: path.sends },
        );
        expect(ended).toMatchObject({ code: path.code, signal: path.signal });
        const spool = `${file}.spool`;
        if (existsSync(spool)) expect(statSync(spool).mode & 0o777).toBe(0o600);
        const store = await openStore(databaseUrl);
        expect((await store.getTotals()).spans).toBe(queuedSpans + 1);
        const { items } = await store.querySpans({ attributes: {}, limit: 1_000 });
        expect(
          items.filter(({ endTimeUnixNano }) => endTimeUnixNano === null).length,
        ).toBeLessThanOrEqual(1);
        await store.close();
        expect(existsSync(spool)).toBe(false);
      },
    );
  },
);

test('EVOLUTION_DBURL is ignored, and that is said once, with the name that was meant', async () => {
  const cwd = newFolder();
  const ended = await run(
    `import { createEvolution } from 'otel-evolution';
     for (let n = 0; n < 2; n += 1) await (await createEvolution()).close();`,
    { cwd, env: { EVOLUTION_DBURL: 'sqlite:./meant.db' } },
  );
  expect(ended).toMatchObject({
    code: 0,
    stderr:
      'otel-evolution: EVOLUTION_DBURL is no variable of otel-evolution. Did you mean "EVOLUTION_DB_URL"?\n',
  });
});

test('a process that ends before its database is there: who reads is told where its spans wait, and how they are stored', async () => {
  const file = join(newFolder(), 'late.db');
  const databaseUrl = `sqlite:${file}`;
  await run(
    `import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
     import { EvolutionSpanProcessor } from 'otel-evolution';
     const processor = new EvolutionSpanProcessor({ databaseUrl: ${JSON.stringify(databaseUrl)} });
     new NodeTracerProvider({ spanProcessors: [processor] }).getTracer('app').startSpan('s').end();
     process.exit(0);`,
  );
  expect(existsSync(`${file}.spool`)).toBe(true);
  const told = await runCli(['stats', '--db', databaseUrl]);
  expect(told).toMatchObject({ code: 5, out: '' });
  expect(told.err).toContain(`${file}.spool`);
  expect((await runCli(['migrate', 'up', '--db', databaseUrl])).code).toBe(0);
  const stored = await runCli(['stats', '--db', databaseUrl, '--json']);
  expect(JSON.parse(stored.out)).toMatchObject({ spans: 1 });
  expect(stored.err).not.toContain('undefined');
  expect(existsSync(`${file}.spool`)).toBe(false);
});
