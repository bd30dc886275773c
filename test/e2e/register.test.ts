import { createServer, type Server } from 'node:http';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { createEvolution } from '../../src/index';
import { makeProgramFolder } from '../support/packed-library';
import { newFolder, runNode, totalsOf, type Ended, type RunOptions } from '../support/run-program';

let programs: Awaited<ReturnType<typeof makeProgramFolder>>;
beforeAll(async () => {
  programs = await makeProgramFolder();
});
afterAll(() => programs.remove());

const root = resolve(__dirname, '../..');
const register = 'otel-evolution/register';
/** No exporter that would wait for a Collector. */
const quiet = {
  OTEL_TRACES_EXPORTER: 'evolution',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
};

let count = 0;
function write(source: string, extension = 'mjs'): string {
  const file = join(programs.folder, `program-${(count += 1)}.${extension}`);
  writeFileSync(file, source);
  return file;
}

const load = (format: string, names: string, from: string): string =>
  format === 'mjs'
    ? `import { ${names} } from '${from}';`
    : `const { ${names} } = require('${from}');`;

const agent = (format: string, spans = 600): string => `
  ${load(format, 'trace', '@opentelemetry/api')}
  const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support' };
  for (let i = 0; i < ${spans}; i += 1) {
    trace.getTracer('app').startActiveSpan('invoke_agent support', { attributes }, (span) => span.end());
  }`;

/** In a folder of its own, so that the database is `./evolution.db`. */
async function run(args: readonly string[], options: RunOptions = {}) {
  const cwd = newFolder();
  // The library is found from where the programs are; Node resolves what it preloads from the working directory.
  symlinkSync(join(programs.folder, 'node_modules'), join(cwd, 'node_modules'));
  const ended = await runNode(args, { cwd, ...options, env: { ...quiet, ...options.env } });
  return { ...ended, cwd, databaseUrl: `sqlite:${join(cwd, 'evolution.db')}` };
}

describe.each(['--import', '--require'])('node %s', (flag) => {
  test.each(['mjs', 'cjs'])(
    'otel-evolution/register program.%s: its spans are stored',
    async (format) => {
      const ended = await run([flag, register, write(agent(format), format)]);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(await totalsOf(ended.databaseUrl)).toMatchObject({ spans: 600, executions: 600 });
    },
  );

  test.each(['mjs', 'cjs'])(
    'a program.%s that uses the library as well works on the same instance',
    async (format) => {
      const ended = await run([
        flag,
        register,
        write(
          `${load(format, 'getGlobalTracker, linkReward', 'otel-evolution')}
           const tracker = getGlobalTracker();
           (async () => {
             const span = await tracker.withTask({ id: 't' }, () => tracker.withExecution((span) => span.spanContext()));
             await linkReward(span, { value: 1 });
           })();`,
          format,
        ),
      ]);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      const totals = { tasks: 1, executions: 1, rewards: 1 };
      expect(await totalsOf(ended.databaseUrl)).toMatchObject(totals);
    },
  );
});

test('--require and --import at once is one start', async () => {
  const ended = await run(['--require', register, '--import', register, write(agent('mjs'))]);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(await totalsOf(ended.databaseUrl)).toMatchObject({ spans: 600 });
});

describe('the exporters that the environment names', () => {
  let collector: Server;
  let requests: string[];
  let endpoint: string;
  beforeAll(async () => {
    collector = createServer((request, response) => {
      requests.push(request.url ?? '');
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done));
    endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  });
  beforeEach(() => (requests = []));
  afterAll(() => void collector.close());

  test.each([
    ['', 2, 600, ''],
    ['otlp', 2, 600, ''],
    ['otlp,evolution', 2, 600, ''],
    ['evolution', 0, 600, ''],
    ['evolution,nonsense', 0, 600, /expected otlp.*came nonsense/],
    ['none', 0, null, /no span is recorded/],
  ])(
    'OTEL_TRACES_EXPORTER=%s: %i batches go there, %p spans are stored',
    async (name, batches, spans, stderr) => {
      const env = { OTEL_TRACES_EXPORTER: name, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
      const ended = await run(['--import', register, write(agent('mjs'))], { env });
      expect(ended.code).toBe(0);
      expect(ended.stderr).toMatch(stderr === '' ? /^$/ : stderr);
      expect(requests).toEqual(Array(batches).fill('/v1/traces'));
      if (spans !== null) expect(await totalsOf(ended.databaseUrl)).toMatchObject({ spans });
    },
  );

  test('EVOLUTION_DISABLED leaves us out, OTEL_SDK_DISABLED everything', async () => {
    const env = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
    const program = write(`${agent('mjs')}
      import { existsSync } from 'node:fs';
      process.on('exit', () => console.log(existsSync('evolution.db')));`);
    const args = ['--import', register, program];
    const without = await run(args, { env: { ...env, EVOLUTION_DISABLED: 'true' } });
    expect(without).toMatchObject({ code: 0, stderr: '', stdout: 'false\n' });
    expect(requests).toHaveLength(2);
    const off = await run(args, { env: { ...env, OTEL_SDK_DISABLED: 'true' } });
    expect(off).toMatchObject({ code: 0, stderr: '', stdout: 'false\n' });
    expect(requests).toHaveLength(2);
  });

  // `test/runtime/process-end` holds the two seconds, on a clock of its own.
  test('a Collector that hangs: exporters do not get the ten minutes they want, what is ours is stored', async () => {
    const away = createServer(() => {});
    await new Promise<void>((done) => away.listen(0, '127.0.0.1', done));
    const { port } = away.address() as AddressInfo;
    const env = {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
    };
    const program = write(`${agent('mjs', 100)}
      process.exitCode = 4;`);
    const ended = await run(['--import', register, program], { env });
    away.closeAllConnections();
    away.close();
    expect(ended.code).toBe(4);
    expect(await totalsOf(ended.databaseUrl)).toMatchObject({ spans: 100 });
  });
});

test('a provider that is there already is left alone, and that is said once', async () => {
  const provider = write(`
    import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
    const exporter = { export: (spans, done) => (console.log(spans[0].name), done({ code: 0 })), shutdown: async () => {} };
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();`);
  const program = write(`import { trace } from '@opentelemetry/api';
    trace.getTracer('app').startSpan('theirs').end();`);
  const ended = await run(['--import', provider, '--import', register, program]);
  expect(ended).toMatchObject({ code: 0, stdout: 'theirs\n' });
  expect(ended.stderr).toMatch(/^otel-evolution: this process has a tracer provider already.*\n$/);
});

test('without the SDK the program runs, and the command that is missing is said', async () => {
  const outside = await makeProgramFolder(newFolder());
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of ['@opentelemetry/api', ...Object.keys(dependencies)]) {
    const path = join(outside.folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), path);
  }
  const program = join(outside.folder, 'program.mjs');
  writeFileSync(program, `console.log('works');`);
  const ended = await runNode(['--import', register, program], { cwd: outside.folder });
  expect(ended).toMatchObject({ code: 0, stdout: 'works\n' });
  expect(ended.stderr).toContain('Run: npm install @opentelemetry/sdk-node @opentelemetry/api');
  outside.remove();
});

const stayAlive = `setInterval(() => {}, 1_000); console.log('ready');`;
test.each<[string, string, Partial<Ended>, NodeJS.Signals | null]>([
  ['process.exit', 'process.exit(3);', { code: 3, signal: null }, null],
  ['an uncaught exception', 'throw new Error("boom");', { code: 1, signal: null }, null],
  [
    'an unhandled rejection',
    'void Promise.reject(new Error("boom"));',
    { code: 1, signal: null },
    null,
  ],
  ['SIGTERM', stayAlive, { code: null, signal: 'SIGTERM' }, 'SIGTERM'],
  ['SIGINT', stayAlive, { code: null, signal: 'SIGINT' }, 'SIGINT'],
])(
  '%s while a Collector is away: stored, code and signal unchanged',
  async (_name, end, expected, signal) => {
    const env = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const program = write(`${agent('mjs')} ${end}`);
    const options = signal === null ? { env } : { env, signal };
    const ended = await run(['--import', register, program], options);
    expect(ended).toMatchObject(expected);
    expect(await totalsOf(ended.databaseUrl)).toMatchObject({ spans: 600 });
  },
);

describe('examples', () => {
  const copy = (example: string, name: string): string => {
    const folder = join(programs.folder, example);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    writeFileSync(path, readFileSync(join(root, 'examples', example, name)));
    return path;
  };

  test('zero-code: an agent that speaks OpenTelemetry only', async () => {
    const program = copy('zero-code', 'agent.mjs');
    const databaseUrl = `sqlite:${join(newFolder(), 'zero.db')}`;
    const env = { ...quiet, EVOLUTION_DB_URL: databaseUrl };
    const cwd = join(programs.folder, 'zero-code');
    const ended = await runNode(['--import', register, program], { cwd, env });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toBe('the longest program here is agent.mjs\n');
    const evolution = await createEvolution({ databaseUrl });
    const { items } = await evolution.store.listExecutions({ limit: 10 });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ toolCalls: 2, spans: 3, agent: { name: 'file-agent' } });
    await evolution.close();
  });

  test('express: the agent within the spans of http and express, judged by its user', async () => {
    const databaseUrl = `sqlite:${join(newFolder(), 'express.db')}`;
    const client = write(`
      import { spawn } from 'node:child_process';
      const server = spawn(process.execPath, process.argv.slice(2), { stdio: ['ignore', 'pipe', 'inherit'] });
      const line = await new Promise((done) => server.stdout.once('data', (text) => done(String(text))));
      const base = 'http://127.0.0.1:' + line.match(/ready on (\\d+)/)[1];
      const post = async (path, body) => (await fetch(base + path, { method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' }, body: JSON.stringify(body) })).json();
      const { text, span } = await post('/ask', { ticket: 'ticket-17', question: 'Where is my refund?' });
      await post('/feedback', { span, helpful: true });
      server.kill('SIGTERM');
      const code = await new Promise((done) => server.on('exit', done));
      console.log(JSON.stringify({ text, code }));`);
    const setup = copy('express', 'instrumentation.mjs');
    const server = copy('express', 'server.mjs');
    const env = { ...quiet, EVOLUTION_DB_URL: databaseUrl, PORT: '0' };
    const args = [client, '--import', register, '--import', setup, server];
    const ended = await runNode(args, { cwd: join(programs.folder, 'express'), env });
    expect(ended.stderr).toBe('');
    expect(JSON.parse(ended.stdout)).toEqual({ text: 'Refunds take five days.', code: 0 });
    const evolution = await createEvolution({ databaseUrl });
    const task = await evolution.store.getTask('ticket-17');
    expect(task).toMatchObject({ type: 'support', status: 'completed', executions: 1 });
    const { items } = await evolution.store.querySpans({ limit: 100 });
    const scopes = new Set(items.map(({ scope }) => scope.name));
    expect(scopes).toContain('@opentelemetry/instrumentation-http');
    expect(scopes).toContain('@opentelemetry/instrumentation-express');
    const run = items.find(({ name }) => name.startsWith('invoke_agent'));
    const outer = items.filter(({ traceId }) => traceId === run?.traceId);
    expect(outer.length).toBeGreaterThan(3);
    expect((await evolution.store.queryRewards({ limit: 10 })).items).toMatchObject([
      { value: 1, source: 'human', target: { spanId: run?.spanId } },
    ]);
    await evolution.close();
  });

  test('worker: three threads work on one task and write one SQLite file', async () => {
    const databaseUrl = `sqlite:${join(newFolder(), 'worker.db')}`;
    copy('worker', 'worker.mjs');
    const env = { ...quiet, EVOLUTION_DB_URL: databaseUrl };
    const cwd = join(programs.folder, 'worker');
    const program = copy('worker', 'main.mjs');
    const ended = await runNode(['--import', register, program], { cwd, env });
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: 'primes below 3000: 430\n' });
    const evolution = await createEvolution({ databaseUrl });
    expect(await evolution.store.getTask('primes')).toMatchObject({ executions: 3 });
    const { items } = await evolution.store.listExecutions({ taskId: 'primes', limit: 10 });
    expect(items.map(({ toolCalls, status }) => [toolCalls, status])).toEqual(
      Array(3).fill([1, 'completed']),
    );
    await evolution.close();
  });
});
