/**
 * What this package costs the memory of its host while the store is away: an agent records spans at a steady rate, nothing can be
 * written, and what the queue cannot hold is dropped and counted. Resident memory above that of a twin without us, which records the
 * same at the same time: V8 lets the young generation of either grow with its age. MiB.
 *
 *   --minutes N   (10)
 *   --rate N      (2000) spans a second
 *   --database    (a port where nobody listens) any URL
 */
import { fork } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Tracer } from '@opentelemetry/api';
import { EvolutionSpanProcessor } from '../src/runtime';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '2000' },
    database: { type: 'string', default: 'postgres://nobody@127.0.0.1:9/away' },
    twin: { type: 'boolean', default: false },
  },
});
process.chdir(mkdtempSync(join(tmpdir(), 'evolution-'))); // the spool for Postgres lies here
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const TICK_MILLIS = 50;
const WARM_UP_SECONDS = 20;
const SAMPLES = 20;

const text = 'x'.repeat(200);
/** As a call of a model looks; about a kilobyte. */
function recordSpan(tracer: Tracer, n: number): void {
  const span = tracer.startSpan('chat model', {
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'model', n },
  });
  span.setAttribute('gen_ai.usage.input_tokens', n);
  for (const key of ['a', 'b', 'c']) span.setAttribute(key, `${text}${n}`);
  span.end();
}

let recorded = 0;
/** Resolves when `seconds` are over; calls `sample` in equal distances. */
async function record(tracer: Tracer, seconds: number, sample: () => void): Promise<void> {
  const began = performance.now();
  let next = seconds / SAMPLES;
  let done = 0;
  for (;;) {
    const elapsed = (performance.now() - began) / 1_000;
    for (; done < elapsed * rate; done += 1) recordSpan(tracer, (recorded += 1));
    if (elapsed >= next) {
      sample();
      next += seconds / SAMPLES;
    }
    if (elapsed >= seconds) return;
    await sleep(TICK_MILLIS);
  }
}

function residentMib(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1_048_576;
}

// Both are warm before the time begins.
await record(new NodeTracerProvider().getTracer('bench'), WARM_UP_SECONDS, residentMib);
const samples: number[] = [];
if (values.twin) {
  const tracer = new NodeTracerProvider().getTracer('bench');
  await record(tracer, minutes * 60, () => samples.push(residentMib()));
  process.send?.(samples);
} else {
  await measure();
}

async function measure(): Promise<void> {
  const start = residentMib();
  const args = ['--twin', '--minutes', values.minutes, '--rate', values.rate];
  const twin = fork(process.argv[1]!, args, { execArgv: ['--expose-gc'] });
  const twins = new Promise<number[]>((resolve) => {
    twin.once('message', (message) => resolve(message as number[]));
  });
  const processor = new EvolutionSpanProcessor({ databaseUrl: values.database });
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  recorded = 0;
  await record(provider.getTracer('bench'), minutes * 60, () => samples.push(residentMib()));
  const shutdownBegan = performance.now();
  await provider.shutdown();
  const shutdownMillis = performance.now() - shutdownBegan;
  const { processed, spooled, dropped, queueSize } = processor.stats();
  const counted = processed + spooled + Object.values(dropped).reduce((sum, n) => sum + n, 0);
  const bare = await twins;
  const above = samples.map((mib, n) => mib - bare[n]!);
  console.log(
    JSON.stringify(
      {
        minutes,
        rate,
        spans: recorded,
        aboveTwinMib: { max: Math.max(...above), last: above.at(-1) },
        aboveStartMib: { ours: samples.at(-1)! - start, twin: bare.at(-1)! - start },
        // From the middle to the end, as a line through the samples: flat is 0.
        growthMibPerMinute: slope(above.slice(SAMPLES / 2)) / (minutes / SAMPLES),
        uncounted: recorded - counted - queueSize,
        stats: { processed, spooled, dropped, queueSize },
        shutdownMillis,
      },
      (_, value: unknown) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value),
    ),
  );
}

/** Least squares, per sample. */
function slope(ys: readonly number[]): number {
  const meanX = (ys.length - 1) / 2;
  const meanY = ys.reduce((sum, y) => sum + y, 0) / ys.length;
  const dots = ys.reduce((sum, y, x) => sum + (x - meanX) * (y - meanY), 0);
  return dots / ys.reduce((sum, _, x) => sum + (x - meanX) ** 2, 0);
}
