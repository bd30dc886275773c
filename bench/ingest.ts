/**
 * Spans per second that the real server acknowledges, as its own process, over OTLP/HTTP; the client
 * runs on the same cores. Beside it, in the same run, the same rows with the same indexes put into
 * SQLite by prepared statements without any server: a row a statement; 120 rows a statement, which
 * spares the driver most of its calls; and so the rows of the table `spans` alone.
 *
 *   --spans N             spans of one round (100000)
 *   --connections N       on each the next request is sent when the one before is answered (4)
 *   --database NAME       sqlite | postgres (sqlite)
 *   --grow                ten rounds into one database; the last against the first. The server closes and
 *                         admits runs meanwhile, and takes looks where runs are judged; with
 *                         EVOLUTION_LEARN=false it only stores
 *   --judged SHARE        share of the runs that bring a reward, without which nothing is learned (0)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore } from '../src/store';
import type { TrafficRequest } from '../test/support/agent-traffic';
import { AgentTraffic } from '../test/support/agent-traffic';
import type { ServerProcess } from '../test/support/server-process';
import { bundleCli, startServer } from '../test/support/server-process';
import { startPostgres } from '../test/support/start-postgres.mjs';
import { insertPrepared } from './baseline/insert-prepared';
import { countFsyncsBetween, fsyncTracer, readWalSyncs } from './measure/fsyncs';
import type { Percentiles } from './measure/percentiles';
import { percentiles } from './measure/percentiles';
import { cpuSecondsOf } from './measure/process-usage';
import { sendAll } from './measure/send-all';

const SPANS_PER_REQUEST = 120;
const GROW_ROUNDS = 10;
const FSYNC_REQUESTS = 100;

const { spansPerRound, connections, database, grow, judged } = readArguments();
const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-ingest-'));
const cli = await bundleCli();
const postgres = database === 'postgres' ? await startPostgres() : null;
try {
  const fsyncs = await measureFsyncs();
  const databaseUrl = newDatabase('ingest');
  const rounds = await measureRounds(databaseUrl);
  const file = join(folder, 'ingest.db');
  const baseline =
    postgres === null && !grow ? await insertPrepared(file, { rowsPerStatement: 1 }) : null;
  const many = baseline && (await insertPrepared(file, { rowsPerStatement: 120 }));
  const spansOnly =
    baseline && (await insertPrepared(file, { tables: ['spans'], rowsPerStatement: 120 }));
  const first = rounds[0]!;
  const last = rounds.at(-1)!;
  console.log(
    JSON.stringify({
      database,
      judged,
      spansPerRequest: SPANS_PER_REQUEST,
      connections,
      ...first,
      fsyncs,
      baseline,
      ratioToBaseline: baseline && ratio(first.spansPerSecond, baseline.spansPerSecond),
      manyRowsAStatement: many && {
        spansPerSecond: many.spansPerSecond,
        ratio: ratio(first.spansPerSecond, many.spansPerSecond),
      },
      spansOnly: spansOnly && {
        spansPerSecond: spansOnly.spansPerSecond,
        ratio: ratio(first.spansPerSecond, spansOnly.spansPerSecond),
      },
      ...(grow && {
        rounds,
        looks: await countLooks(databaseUrl),
        lastToFirst: ratio(last.spansPerSecond, first.spansPerSecond),
        // The same by the server's own time, which other work on the machine disturbs less.
        lastToFirstByCpu: ratio(first.cpuSeconds.server, last.cpuSeconds.server),
      }),
    }),
  );
} finally {
  await postgres?.stop();
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
}

interface Round {
  readonly spans: number;
  readonly bytesPerSpan: number;
  /** Until the last acknowledgement. */
  readonly spansPerSecond: number;
  /** Until tasks and totals have been read, which needs every execution folded. */
  readonly settledSpansPerSecond: number;
  readonly requestMillis: Percentiles;
  readonly cpuSeconds: { readonly server: number; readonly client: number };
}

interface Arguments {
  readonly spansPerRound: number;
  readonly connections: number;
  readonly database: string;
  readonly grow: boolean;
  readonly judged: number;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      spans: { type: 'string', default: '100000' },
      connections: { type: 'string', default: '4' },
      database: { type: 'string', default: 'sqlite' },
      grow: { type: 'boolean', default: false },
      judged: { type: 'string', default: '0' },
    },
  });
  const spansPerRound = Number(values.spans);
  if (!Number.isInteger(spansPerRound) || spansPerRound < SPANS_PER_REQUEST) {
    throw new Error(
      `--spans: expected a whole number from ${SPANS_PER_REQUEST}, got ${values.spans}`,
    );
  }
  if (!['sqlite', 'postgres'].includes(values.database)) {
    throw new Error(`--database: expected sqlite or postgres, got ${values.database}`);
  }
  const connections = Number(values.connections);
  if (!Number.isInteger(connections) || connections < 1) {
    throw new Error(`--connections: expected a whole number from 1, got ${values.connections}`);
  }
  const judged = Number(values.judged);
  if (!(judged >= 0 && judged <= 1)) {
    throw new Error(`--judged: expected a number from 0 to 1, got ${values.judged}`);
  }
  return { spansPerRound, connections, database: values.database, grow: values.grow, judged };
}

function newDatabase(name: string): string {
  return postgres === null
    ? `sqlite:${join(folder, `${name}.db`)}`
    : `${postgres.url}?schema=bench_${name}`;
}

async function measureRounds(databaseUrl: string): Promise<Round[]> {
  const traffic = new AgentTraffic({ seed: 1, spansPerRequest: SPANS_PER_REQUEST, judged });
  const server = await startServer({ cli: cli.path, databaseUrl });
  const rounds: Round[] = [];
  for (let n = 0; n < (grow ? GROW_ROUNDS : 1); n += 1) {
    const requests = await encode(traffic, Math.round(spansPerRound / SPANS_PER_REQUEST));
    rounds.push(await measureRound(server, databaseUrl, requests));
  }
  await stopWell(server);
  return rounds;
}

async function encode(traffic: AgentTraffic, count: number): Promise<TrafficRequest[]> {
  const requests: TrafficRequest[] = [];
  while (requests.length < count) requests.push(await traffic.next());
  return requests;
}

async function measureRound(
  server: ServerProcess,
  databaseUrl: string,
  requests: readonly TrafficRequest[],
): Promise<Round> {
  const spans = requests.length * SPANS_PER_REQUEST;
  const bytes = requests.reduce((sum, { decodedBytes }) => sum + decodedBytes, 0);
  const before = { server: await cpuSecondsOf(server.pid), client: process.cpuUsage() };
  const start = performance.now();
  const millis = await sendAll(server.url, requests, connections);
  const acknowledged = performance.now();
  const client = process.cpuUsage(before.client);
  const serverSeconds = (await cpuSecondsOf(server.pid)) - before.server;
  await readEverythingFolded(databaseUrl);
  const settled = performance.now();
  return {
    spans,
    bytesPerSpan: Math.round(bytes / spans),
    spansPerSecond: Math.round((spans / (acknowledged - start)) * 1000),
    settledSpansPerSecond: Math.round((spans / (settled - start)) * 1000),
    requestMillis: percentiles(millis),
    cpuSeconds: {
      server: Math.round(serverSeconds * 100) / 100,
      client: Math.round((client.user + client.system) / 1e4) / 100,
    },
  };
}

async function countLooks(databaseUrl: string): Promise<number> {
  const store = await openStore(databaseUrl);
  const looks = await store.readLooks();
  await store.close();
  return looks.length;
}

async function readEverythingFolded(databaseUrl: string): Promise<void> {
  const store = await openStore(databaseUrl);
  await store.listTasks({ limit: 1 });
  await store.getTotals();
  await store.close();
}

/** A short run of its own, since tracing costs time; `null` where nothing can count them. */
async function measureFsyncs(): Promise<{ how: string; requests: number; fsyncs: number } | null> {
  const traffic = new AgentTraffic({ seed: 2, spansPerRequest: SPANS_PER_REQUEST });
  const requests = await encode(traffic, FSYNC_REQUESTS);
  const log = join(folder, 'fsyncs.log');
  const wrapper = postgres === null ? fsyncTracer(log) : [];
  if (wrapper === null) return null;
  const server = await startServer({ cli: cli.path, databaseUrl: newDatabase('fsyncs'), wrapper });
  const syncsBefore = postgres === null ? 0 : await readWalSyncs(postgres.url);
  const from = Date.now();
  await sendAll(server.url, requests, connections);
  const to = Date.now();
  await stopWell(server);
  return postgres === null
    ? { how: 'strace', requests: requests.length, fsyncs: await countFsyncsBetween(log, from, to) }
    : {
        how: 'pg_stat_wal',
        requests: requests.length,
        fsyncs: (await readWalSyncs(postgres.url)) - syncsBefore,
      };
}

async function stopWell(server: ServerProcess): Promise<void> {
  const { code, signal } = await server.stop('SIGTERM');
  if (code !== 0) throw new Error(`serve ended with ${signal ?? code}:\n${server.stderr()}`);
}

function ratio(a: number, b: number): number {
  return Math.round((a / b) * 1000) / 1000;
}
