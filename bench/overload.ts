/**
 * Overload: forty connections that send 50,000 small spans a request, then 600 that send 120, each as fast as it is answered,
 * against the real server as its own process; beside them one client that sends ten spans at a time. Who is refused comes
 * back with the same request after a tenth of the time that was asked for, which is ten times the pressure. Tells
 * what was stored against the peak without overload, the small client's time against its time alone (both measured before and after, since
 * the machine may have other work), how requests were answered, and the most memory the server held.
 *
 *   --seconds N      of each part (15)
 *   --pressure N     seconds of the overload itself (as the other parts)
 *   --load NAME      large | ordinary (both)
 *   --cgroup DIR     a control group, with a memory limit, that the server is put into (none)
 *   --database URL   (an SQLite file of its own)
 */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { OtlpClient } from '../test/support/otlp-client';
import { bundleCli, startServer } from '../test/support/server-process';
import { largeBodies } from './measure/large-body';
import { percentiles } from './measure/percentiles';
import { peakMemoryMibOf } from './measure/process-usage';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    pressure: { type: 'string' },
    load: { type: 'string' },
    cgroup: { type: 'string' },
    database: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const pressureSeconds = Number(values.pressure ?? seconds);
const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-overload-'));
const cli = await bundleCli();
const databaseUrl = values.database ?? `sqlite:${join(folder, 'overload.db')}`;
const environment = { EVOLUTION_LEARN: 'false' };
const server = await startServer({ cli: cli.path, databaseUrl, environment });
if (values.cgroup !== undefined) {
  writeFileSync(join(values.cgroup, 'cgroup.procs'), String(server.pid));
}

interface Load {
  readonly connections: number;
  readonly spans: number;
}

const plain = { 'content-encoding': 'identity' };
const restFactor = 0.1;
const none: Readonly<Record<string, string>> = {};

/** Sends for so long; what was stored a second, and how requests were answered. */
async function press({ connections, spans }: Load, forSeconds = seconds) {
  const client = new OtlpClient(server.url, { connections });
  const nextBody = largeBodies(spans);
  const answers: Record<string, number> = {};
  let stored = 0;
  const started = performance.now();
  const end = started + forSeconds * 1000;
  const send = async (): Promise<void> => {
    let body = nextBody();
    while (performance.now() < end) {
      const answer = await client.post(body, plain).catch((error: NodeJS.ErrnoException) => {
        return { status: error.code ?? 'broken', headers: none };
      });
      answers[answer.status] = (answers[answer.status] ?? 0) + 1;
      if (answer.status === 200) {
        stored += spans;
        body = nextBody();
      } else await sleep(Number(answer.headers['retry-after'] ?? 1) * 1000 * restFactor);
    }
  };
  await Promise.all(Array.from({ length: connections }, send));
  client.close();
  return { spansPerSecond: Math.round(stored / ((performance.now() - started) / 1000)), answers };
}

/** A client that sends ten spans at a time, with a pause between. */
async function trickle(until: Promise<unknown>) {
  const client = new OtlpClient(server.url, { connections: 1 });
  const nextBody = largeBodies(10);
  const millis: number[] = [];
  let refused = 0;
  let ended = false;
  void until.finally(() => (ended = true));
  while (!ended) {
    const answer = await client.post(nextBody(), plain);
    if (answer.status === 200) millis.push(answer.millis);
    else refused += 1;
    await sleep(50);
  }
  client.close();
  return { requests: millis.length, refused, millis: percentiles(millis) };
}

/** Under pressure, between two measurements of what it is compared with. */
async function measure(peakConnections: number, load: Load) {
  const calm = async () => ({
    alone: await trickle(sleep(Math.min(seconds, 5) * 1000)),
    peak: await press({ ...load, connections: peakConnections }),
  });
  const before = await calm();
  const pressure = press(load, pressureSeconds);
  const [pressed, small] = await Promise.all([pressure, trickle(pressure)]);
  const after = await calm();
  const mean = (a: number, b: number): number => (a + b) / 2;
  return {
    ...load,
    ...pressed,
    small,
    before,
    after,
    goodputToPeak: ratio(
      pressed.spansPerSecond,
      mean(before.peak.spansPerSecond, after.peak.spansPerSecond),
    ),
    smallToAlone: ratio(small.millis.p50, mean(before.alone.millis.p50, after.alone.millis.p50)),
  };
}

const ratio = (a: number, b: number): number => Math.round((a / b) * 100) / 100;

try {
  await press({ connections: 1, spans: 120 }); // warm
  const isAsked = (name: string): boolean => (values.load ?? name) === name;
  const large = isAsked('large') && (await measure(2, { connections: 40, spans: 50_000 }));
  const ordinary = isAsked('ordinary') && (await measure(4, { connections: 600, spans: 120 }));
  const peakMemoryMib = await peakMemoryMibOf(server.pid);
  console.log(
    JSON.stringify({
      ...{ seconds, pressureSeconds, peakMemoryMib },
      ...(large && { large }),
      ...(ordinary && { ordinary }),
    }),
  );
} finally {
  await server.stop('SIGTERM');
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
}
