/**
 * What people see while the server stores all it can: the reads of a page each (tasks, one trace, stats, patterns, hourly metrics of 30 days)
 * against the same when nothing is stored, what the reads cost the ingest, and how long after its acknowledgement a span is in
 * its task's row, at half and at full load. The server is its own process; the client runs on the same cores. Prints JSON.
 *
 *   --spans N     stored before (100000)
 *   --seconds N   of each part (8)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AgentTraffic, type TrafficRequest } from '../test/support/agent-traffic';
import { OtlpClient } from '../test/support/otlp-client';
import { bundleCli, startServer } from '../test/support/server-process';
import { percentiles } from './measure/percentiles';
import { sendAll } from './measure/send-all';

const spansPerRequest = 120;
const connections = 4;

const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '8' },
  },
});
const seconds = Number(values.seconds);
const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-beside-'));
const cli = await bundleCli();
const databaseUrl = `sqlite:${join(folder, 'beside.db')}`;
const server = await startServer({
  cli: cli.path,
  databaseUrl,
  environment: { EVOLUTION_LEARN: 'false' },
});
const traffic = new AgentTraffic({ seed: 4, spansPerRequest });
const agent = new Agent({ keepAlive: true });

try {
  const traces: string[] = [];
  for (let stored = 0; stored < Number(values.spans);) {
    const part = await traffic.many(40);
    await sendAll(server.url, part, connections);
    traces.push(...part.map(({ spans }) => spans[0]!.traceId));
    stored += part.length * spansPerRequest;
  }
  const reads = readsOf(traces);
  const idle = await readFor(reads);
  const rest: TrafficRequest[] = [];
  // Enough for every part, made before the clock starts.
  const [first] = await loaded(await traffic.many(400), Infinity, () => Promise.resolve(null));
  const enough = Math.ceil((first.spansPerSecond / spansPerRequest) * seconds * 1.3);
  const load = async <T>(share: number, work: () => Promise<T>) => {
    rest.push(...(await traffic.many(Math.max(0, Math.ceil(enough * share) - rest.length))));
    return loaded(rest, first.spansPerSecond * share, work);
  };
  const [alone] = await load(1, () => sleep(seconds * 1000));
  const [beside, busy] = await load(1, () => readFor(reads));
  const [aloneAgain] = await load(1, () => sleep(seconds * 1000));
  const [, freshHalf] = await load(0.5, freshness);
  const [, freshFull] = await load(1, freshness);
  const mean = (alone.spansPerSecond + aloneAgain.spansPerSecond) / 2;
  console.log(
    JSON.stringify({
      spans: Number(values.spans),
      seconds,
      ingest: {
        alone: alone.spansPerSecond,
        beside: beside.spansPerSecond,
        aloneAgain: aloneAgain.spansPerSecond,
      },
      besideToAlone: round(beside.spansPerSecond / mean),
      idle,
      busy,
      busyToIdleP95: Object.fromEntries(
        Object.keys(reads).map((name) => [name, round(busy[name]!.p95 / idle[name]!.p95)]),
      ),
      freshnessMillis: { halfLoad: freshHalf, fullLoad: freshFull },
    }),
  );
} finally {
  agent.destroy();
  await server.stop('SIGTERM');
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
}

function readsOf(traces: readonly string[]): Readonly<Record<string, (n: number) => string>> {
  const until = new Date();
  const since = new Date(until.getTime() - 30 * 86_400_000);
  return {
    taskPage: () => '/api/v1/tasks?limit=50',
    trace: (n) => `/api/v1/traces/${traces[(n * 7919) % traces.length]!}`,
    stats: () => '/api/v1/stats',
    patterns: () => '/api/v1/patterns?limit=50',
    metrics: () =>
      `/api/v1/metrics?bucket=hour&start_time=${since.toISOString()}&end_time=${until.toISOString()}`,
  };
}

/** Ten reads a second, each kind in turn. */
async function readFor(reads: ReturnType<typeof readsOf>) {
  const millis = new Map(Object.keys(reads).map((name) => [name, [] as number[]]));
  const end = performance.now() + seconds * 1000;
  for (let n = 0; performance.now() < end; n += 1) {
    for (const [name, path] of Object.entries(reads)) {
      const started = performance.now();
      const status = await statusOf(path(n));
      if (status !== 200) throw new Error(`${path(n)} answered ${status}`);
      millis.get(name)!.push(performance.now() - started);
      await sleep(100);
    }
  }
  return Object.fromEntries([...millis].map(([name, all]) => [name, percentiles(all)]));
}

/** Stores requests at so many spans a second at most, while something else is done. */
async function loaded<T>(
  requests: TrafficRequest[],
  spansPerSecond: number,
  work: () => Promise<T>,
): Promise<[{ readonly spansPerSecond: number }, T]> {
  const client = new OtlpClient(server.url, { connections });
  const started = performance.now();
  let done = false;
  let stored = 0;
  let ended = started;
  const send = async (): Promise<void> => {
    while (!done || spansPerSecond === Infinity) {
      const request = requests.shift();
      if (request === undefined) break;
      const due = started + (stored / spansPerSecond) * 1000;
      if (due > performance.now()) await sleep(due - performance.now());
      const { status } = await client.post(request.body);
      if (status !== 200) throw new Error(`answered ${status}`);
      stored += spansPerRequest;
      ended = performance.now();
    }
  };
  const sending = Promise.all(Array.from({ length: connections }, send));
  const result = await work();
  done = true;
  await sending;
  client.close();
  return [{ spansPerSecond: Math.round(stored / ((ended - started) / 1000)) }, result];
}

/** From the acknowledgement of a run of its own task to the task's being there. */
async function freshness() {
  const client = new OtlpClient(server.url, { connections: 1 });
  const millis: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let n = 0; performance.now() < end; n += 1) {
    const [probe] = await new AgentTraffic({ seed: `probe ${n} ${end}`, spansPerRequest: 12 })
      .next()
      .then((one) => [one]);
    const { status } = await client.post(probe!.body);
    if (status !== 200) throw new Error(`answered ${status}`);
    const acknowledged = performance.now();
    const { traceId } = probe!.spans[0]!;
    while ((await bodyOf(`/api/v1/executions?limit=1&trace=${traceId}`)).items.length === 0) {
      await sleep(5);
    }
    millis.push(performance.now() - acknowledged);
    await sleep(50);
  }
  client.close();
  return { probes: millis.length, ...percentiles(millis) };
}

async function statusOf(path: string): Promise<number> {
  return (await fetchText(path)).status;
}

async function bodyOf(path: string): Promise<{ readonly items: readonly unknown[] }> {
  const { status, text } = await fetchText(path);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
  return JSON.parse(text) as { items: unknown[] };
}

function fetchText(path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(server.url + path, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode!, text }));
    }).once('error', reject);
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
