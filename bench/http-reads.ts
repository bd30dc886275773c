/**
 * What HTTP adds to a read: pages of the dashboard through `serve`, each beside the store's own read in the same
 * process, in turns. Prints JSON: p50, p95, p99 in ms of both, and the ratio of the p95.
 *
 *   --spans N   stored beforehand (200000)
 *   --reads N   of each kind (100)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { SpanRecord } from '../src/model/span';
import { decodeTraces } from '../src/otlp';
import type { Evolution } from '../src/runtime';
import { serve } from '../src/runtime';
import { AgentTraffic } from '../test/support/agent-traffic';
import { percentiles } from './measure/percentiles';

const batchSpans = 2_000;
const hour = 3_600_000_000_000n;

const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '200000' },
    reads: { type: 'string', default: '100' },
  },
});
const spans = Number(values.spans);
const reads = Number(values.reads);
const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-http-reads-'));
const service = await serve({
  databaseUrl: `sqlite:${join(folder, 'test.db')}`,
  port: 0,
  learn: false,
  log: (line) => process.stderr.write(`${line}\n`),
});
try {
  const { store } = service.evolution;
  const traceIds = await fill(service.evolution);
  const long = await makeLongTrace(service.evolution, 1_000);
  const { items: tasks } = await store.listTasks({ limit: 200 });
  const task = (n: number): string => tasks[n % tasks.length]!.id;
  const trace = (n: number): string => traceIds[(n * 97) % traceIds.length]!;
  const until = tasks[0]!.createdAtUnixNano + hour;
  const since = until - 30n * 24n * hour;
  const range = { sinceUnixNano: since, untilUnixNano: until };
  const measured = {
    taskList: await beside('/tasks?limit=50', () => store.listTasks({ limit: 50 })),
    task: await beside(
      (n) => `/tasks/${encodeURIComponent(task(n))}`,
      async (n) => {
        await store.getTask(task(n));
        await store.listExecutions({ taskId: task(n), limit: 100 });
      },
    ),
    trace: await beside(
      (n) => `/traces/${trace(n)}`,
      (n) => store.getTraceSkeleton(trace(n)),
    ),
    findings: await beside('/patterns?limit=50', () => store.queryPatterns({ limit: 50 })),
    metricsOf30Days: await beside(
      `/metrics?bucket=day&start_time=${since}&end_time=${until}`,
      async () => {
        await store.readHourly(range);
        await store.readLatencies({ ...range, bucketNanos: 24n * hour, groupBy: [] });
      },
    ),
    traceOf1000Spans: await beside(`/traces/${long}`, () => store.getTraceSkeleton(long)),
  };
  const { traceOf1000Spans: thousand } = measured;
  const skeletonOverMs = Math.round((thousand.http.p95 - thousand.store.p95) * 10) / 10;
  console.log(JSON.stringify({ spans, reads, ...measured, skeletonOverMs }));
} finally {
  await service.close();
  await rm(folder, { recursive: true, force: true });
}

async function fill({ store }: Evolution): Promise<string[]> {
  const traffic = new AgentTraffic({ seed: 2, spansPerRequest: batchSpans, judged: 0.5 });
  const traceIds = new Set<string>();
  for (let stored = 0; stored < spans; stored += batchSpans) {
    const { body } = await traffic.next();
    const { spans: records } = decodeTraces(gunzipSync(body), 'protobuf');
    await store.recordSpanBatch(records);
    for (const { traceId } of records) traceIds.add(traceId);
  }
  await store.listTasks({ limit: 1 }); // what waits to be derived is derived before the clock starts
  return [...traceIds];
}

/** One run of so many tool calls. */
async function makeLongTrace({ store }: Evolution, count: number): Promise<string> {
  const [like] = (await store.querySpans({ limit: 1 })).items;
  const traceId = 'f'.repeat(32);
  const spanIdOf = (n: number): string => (n + 1).toString(16).padStart(16, '0');
  const records = Array.from({ length: count }, (_, n): SpanRecord => {
    const startTimeUnixNano = like!.startTimeUnixNano + BigInt(n) * 1_000_000n;
    return {
      ...like!,
      ...{ traceId, spanId: spanIdOf(n), parentSpanId: n === 0 ? null : spanIdOf(0) },
      ...{ startTimeUnixNano, endTimeUnixNano: startTimeUnixNano + 900_000n, links: [] },
    };
  });
  await store.recordSpanBatch(records);
  return traceId;
}

/** Both kinds of read in turns, so that both see the same machine. */
async function beside(
  path: string | ((n: number) => string),
  read: (n: number) => Promise<unknown>,
) {
  const http: number[] = [];
  const own: number[] = [];
  for (let n = 0; n < reads + 5; n += 1) {
    const started = performance.now();
    await read(n);
    const between = performance.now();
    const target = typeof path === 'string' ? path : path(n);
    const response = await fetch(`${service.url}/api/v1${target}`);
    await response.text();
    if (!response.ok) throw new Error(`${target}: ${response.status}`);
    if (n < 5) continue; // the first ones warm up
    own.push(between - started);
    http.push(performance.now() - between);
  }
  const [store, throughHttp] = [percentiles(own), percentiles(http)];
  return { store, http: throughHttp, ratio: Math.round((throughHttp.p95 / store.p95) * 100) / 100 };
}
