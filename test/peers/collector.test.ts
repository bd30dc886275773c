import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EvolutionStore } from '../../src/model/ports';
import { openStore } from '../../src/store';
import type { TrafficRequest } from '../support/agent-traffic';
import { AgentTraffic } from '../support/agent-traffic';
import { OtlpClient } from '../support/otlp-client';
import type { CliBundle, ServerProcess } from '../support/server-process';
import { bundleCli, startServer } from '../support/server-process';
import { waitFor } from '../support/wait-for';

// A real OpenTelemetry Collector between the standard SDK and the real server, by our own
// collector-config.yaml. Building it needs Go, so it runs when asked for: EVOLUTION_PEERS=1.
const describePeers = chooseDescribe();

describePeers('behind a Collector', () => {
  let cli: CliBundle;
  let folder: string | undefined;
  let databaseUrl: string;
  let store: EvolutionStore;
  let port: number;
  let server: ServerProcess;
  let collector: Collector;

  beforeAll(async () => {
    const binary = await buildCollector();
    cli = await bundleCli();
    folder = await mkdtemp(join(tmpdir(), 'otel-evolution-collector-'));
    databaseUrl = `sqlite:${join(folder, 'collector.db')}`;
    port = await freePort();
    server = await serve();
    store = await openStore(databaseUrl);
    collector = await startCollector(binary, server.url);
  }, 900_000);

  afterAll(async () => {
    await collector?.stop();
    await server?.stop('SIGTERM');
    await store?.close();
    await cli?.remove();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const serve = (): Promise<ServerProcess> => startServer({ cli: cli.path, databaseUrl, port });

  test('the agent of the example arrives as task, execution and reward', async () => {
    const run = await runExampleAgent(collector.url);
    const root = await waitFor('the run', async () =>
      (await store.getTrace(run.traceId)).find(({ name }) => name === 'invoke_agent largest-file'),
    );
    await waitFor('the reward', async () => {
      const rewards = await store.queryRewards({ traceId: run.traceId });
      return rewards.items[0];
    });

    expect(root).toMatchObject({ role: 'agent', taskId: `largest-file:${process.cwd()}` });
    expect(await store.getTask(root.taskId!)).toMatchObject({
      type: 'largest-file',
      status: 'completed',
      executions: 1,
    });
    expect(await store.getExecution(root.executionId!)).toMatchObject({
      status: 'completed',
      agent: { name: 'largest-file', version: '1.0.0' },
      config: { max_files: 5 },
      spans: 7,
      toolCalls: 6,
      rewards: { accuracy: run.accuracy },
    });
  }, 60_000);

  test('killed under load and started again, the server ends with every span, once', async () => {
    const traffic = new AgentTraffic({ seed: 'collector', spansPerRequest: 60 });
    const before = await Promise.all(Array.from({ length: 40 }, () => traffic.next()));
    const during = await Promise.all(Array.from({ length: 40 }, () => traffic.next()));
    const sending = sendAll(collector.url, before);
    const all = before.flatMap(({ spans }) => spans).length;
    await waitFor('the first spans', async () => (await missing(store, before)).length < all);
    await server.stop('SIGKILL');
    await sending;
    await sendAll(collector.url, during);
    await sleep(2_000); // long enough for the Collector to fail and wait
    server = await serve();

    const sent = [...before, ...during];
    const complete = async (): Promise<boolean> => (await missing(store, sent)).length === 0;
    await waitFor('every span', complete, 120_000);
    const stored = await Promise.all(traceIds(sent).map((traceId) => store.getTrace(traceId)));
    const spans = stored.flat().map(({ traceId, spanId }) => traceId + spanId);
    expect(new Set(spans).size).toBe(spans.length);
    expect(spans).toHaveLength(sent.flatMap((request) => request.spans).length);
  }, 180_000);
});

function chooseDescribe(): typeof describe {
  if (process.env.EVOLUTION_PEERS === '1') return describe;
  process.stderr.write(
    'NOT RUN: the server behind a real Collector. Set EVOLUTION_PEERS=1; it needs Go.\n',
  );
  return describe.skip;
}

async function buildCollector(): Promise<string> {
  const script = join(__dirname, 'build-collector.sh');
  const { stdout } = await promisify(execFile)(script, { maxBuffer: 2 ** 26 });
  return stdout.trim();
}

interface Collector {
  /** Where it takes OTLP/HTTP. */
  readonly url: string;
  stop(): Promise<void>;
}

async function startCollector(binary: string, evolutionUrl: string): Promise<Collector> {
  const [http, grpc] = [await freePort(), await freePort()];
  const settings = {
    'receivers.otlp.protocols.http.endpoint': `127.0.0.1:${http}`,
    'receivers.otlp.protocols.grpc.endpoint': `127.0.0.1:${grpc}`,
    'exporters.otlp_http/evolution.traces_endpoint': `${evolutionUrl}/v1/traces`,
    'exporters.otlp_http/evolution.logs_endpoint': `${evolutionUrl}/v1/logs`,
    'service.telemetry.metrics.level': 'none',
  };
  const child = spawn(
    binary,
    [
      '--config=collector-config.yaml',
      ...Object.entries(settings).map(([key, value]) => `--set=${key}=${value}`),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await ready(child);
  return {
    url: `http://127.0.0.1:${http}`,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function ready(child: ChildProcess): Promise<void> {
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('Everything is ready')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the Collector ended with ${code}:\n${log}`)));
  });
}

async function runExampleAgent(
  collectorUrl: string,
): Promise<{ traceId: string; accuracy: number }> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['examples/collector/agent.mjs', '.'],
    { env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl } },
  );
  return JSON.parse(stdout) as { traceId: string; accuracy: number };
}

async function sendAll(url: string, requests: readonly TrafficRequest[]): Promise<void> {
  const client = new OtlpClient(url, { connections: 2 });
  const answers = await Promise.all(requests.map(({ body }) => client.post(body)));
  client.close();
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
}

async function missing(
  store: EvolutionStore,
  requests: readonly TrafficRequest[],
): Promise<string[]> {
  const stored = new Set<string>();
  for (const traceId of traceIds(requests)) {
    for (const span of await store.getTrace(traceId)) stored.add(traceId + span.spanId);
  }
  return requests
    .flatMap(({ spans }) => spans.map(({ traceId, spanId }) => traceId + spanId))
    .filter((address) => !stored.has(address));
}

function traceIds(requests: readonly TrafficRequest[]): string[] {
  return [...new Set(requests.flatMap(({ spans }) => spans.map(({ traceId }) => traceId)))];
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
