/**
 * How long reading takes, through the library as users have it: 1,000 spans stored and read back in a
 * new database, and, in a database of a million, a page of the task list and one trace.
 *
 *   --spans N             of the large database (1000000)
 *   --database NAME       sqlite | postgres (sqlite)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { SpanRecord } from '../src/model/span';
import { decodeTraces } from '../src/otlp';
import type { Evolution } from '../src/runtime';
import { createEvolution } from '../src/runtime';
import { AgentTraffic } from '../test/support/agent-traffic';
import { startPostgres } from '../test/support/start-postgres.mjs';
import { percentiles } from './measure/percentiles';

const ROUND_TRIP_SPANS = 1_000;
const ROUND_TRIPS = 9;
const BATCH_SPANS = 2_000;
const READS = 200;
const PAGE = 50;

const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '1000000' },
    database: { type: 'string', default: 'sqlite' },
  },
});
const spans = Number(values.spans);
if (!Number.isInteger(spans) || spans < BATCH_SPANS) {
  throw new Error(`--spans: expected a whole number from ${BATCH_SPANS}, got ${values.spans}`);
}
if (!['sqlite', 'postgres'].includes(values.database)) {
  throw new Error(`--database: expected sqlite or postgres, got ${values.database}`);
}
const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-queries-'));
const postgres = values.database === 'postgres' ? await startPostgres() : null;
try {
  const roundTrips = await measureRoundTrips();
  const large = await open('large');
  const traceIds = await fill(large);
  const reads = await measureReads(large, traceIds);
  await large.close();
  console.log(
    JSON.stringify({
      database: values.database,
      roundTrip: { spans: ROUND_TRIP_SPANS, millis: percentiles(roundTrips) },
      large: { spans, traces: traceIds.length, ...reads },
    }),
  );
} finally {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
}

function open(name: string): Promise<Evolution> {
  return createEvolution({
    databaseUrl:
      postgres === null
        ? `sqlite:${join(folder, `${name}.db`)}`
        : `${postgres.url}?schema=bench_${name}`,
  });
}

/** Each in a database of its own; nothing but the first is warm. */
async function measureRoundTrips(): Promise<number[]> {
  const traffic = new AgentTraffic({ seed: 1, spansPerRequest: ROUND_TRIP_SPANS });
  const millis: number[] = [];
  while (millis.length < ROUND_TRIPS) {
    const records = await nextSpans(traffic);
    const evolution = await open(`round_trip_${millis.length}`);
    const start = performance.now();
    await evolution.store.recordSpanBatch(records);
    const { items } = await evolution.store.querySpans({ limit: ROUND_TRIP_SPANS });
    millis.push(performance.now() - start);
    if (items.length !== ROUND_TRIP_SPANS) throw new Error(`${items.length} spans came back`);
    await evolution.close();
  }
  return millis;
}

/** Gives the ids of every trace. */
async function fill({ store }: Evolution): Promise<string[]> {
  const traffic = new AgentTraffic({ seed: 2, spansPerRequest: BATCH_SPANS });
  const traceIds = new Set<string>();
  for (let stored = 0; stored < spans; stored += BATCH_SPANS) {
    const records = await nextSpans(traffic);
    await store.recordSpanBatch(records);
    for (const { traceId } of records) traceIds.add(traceId);
  }
  await store.listTasks({ limit: 1 }); // what waits to be folded is folded before the clock starts
  return [...traceIds];
}

async function measureReads(
  { store }: Evolution,
  traceIds: readonly string[],
): Promise<Record<string, unknown>> {
  let cursor: string | null = null;
  return {
    firstTaskPageMillis: await time(async () => {
      ({ nextCursor: cursor } = await store.listTasks({ limit: PAGE }));
    }),
    nextTaskPageMillis: await time(async () => {
      const page = await store.listTasks({ limit: PAGE, cursor: cursor ?? undefined });
      cursor = page.nextCursor;
    }),
    tasksOfOneAgentMillis: await time(async (n) => {
      await store.listTasks({ limit: PAGE, agentId: `package-reader-${n % 8}` });
    }),
    traceMillis: await time(async (n) => {
      // A step that shares no factor with a round number goes all over the table.
      const found = await store.getTrace(traceIds[(n * 7919) % traceIds.length]!);
      if (found.length === 0) throw new Error('a trace is gone');
    }),
  };
}

async function time(read: (n: number) => Promise<void>): Promise<unknown> {
  const millis: number[] = [];
  for (let n = 0; n < READS; n += 1) {
    const start = performance.now();
    await read(n);
    millis.push(performance.now() - start);
  }
  return percentiles(millis);
}

async function nextSpans(traffic: AgentTraffic): Promise<readonly SpanRecord[]> {
  return decodeTraces(gunzipSync((await traffic.next()).body), 'protobuf').spans;
}
