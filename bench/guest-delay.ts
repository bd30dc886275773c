/**
 * What a host notices: the delay of its event loop and the time of `span.end()`, at a steady rate of spans, with no processor, with the
 * SDK's batch processor whose exporter does nothing, and with ours on a SQLite file, in turns. Milliseconds and microseconds.
 *
 *   --seconds N   (10) of a turn
 *   --rounds N    (5)
 *   --rate N      (1000) spans a second
 *   --trace N     (10) spans of a trace: a root and its children, one execution
 *   --batch N     (as by default) spans of a write
 *   --database    (a new SQLite file) any URL
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ROOT_CONTEXT, trace, type Context, type Tracer } from '@opentelemetry/api';
import { BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { EvolutionSpanProcessor } from '../src/runtime';

const folder = mkdtempSync(join(tmpdir(), 'evolution-'));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '1000' },
    trace: { type: 'string', default: '10' },
    batch: { type: 'string' },
    database: { type: 'string', default: `sqlite:${join(folder, 'bench.db')}` },
  },
});
const [seconds, rounds, rate, spansPerTrace] = (
  ['seconds', 'rounds', 'rate', 'trace'] as const
).map((name) => Number(values[name])) as [number, number, number, number];
const TICK_MILLIS = 10;

const noOpExporter = {
  export: (_: unknown, callback: (result: { code: number }) => void) => callback({ code: 0 }),
  shutdown: () => Promise.resolve(),
};
const ours = new EvolutionSpanProcessor({
  databaseUrl: values.database,
  ...(values.batch === undefined ? {} : { maxExportBatchSize: Number(values.batch) }),
});
const candidates = {
  none: setUp([]),
  batch: setUp([new BatchSpanProcessor(noOpExporter)]),
  ours: setUp([ours]),
};

function setUp(spanProcessors: SpanProcessor[]) {
  const provider = new NodeTracerProvider({ spanProcessors });
  return {
    provider,
    tracer: provider.getTracer('bench'),
    delays: [] as number[],
    ends: [] as number[],
  };
}

let parent: Context = ROOT_CONTEXT;
/** Notes how long `end` took. */
function recordSpan(tracer: Tracer, n: number, ends: number[]): void {
  const isRoot = n % spansPerTrace === 0;
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'model', n };
  const span = tracer.startSpan('chat model', { attributes }, isRoot ? ROOT_CONTEXT : parent);
  if (isRoot) parent = trace.setSpan(ROOT_CONTEXT, span);
  span.setAttribute('gen_ai.response.id', `response ${n}`);
  span.setAttribute('gen_ai.usage.input_tokens', n);
  const began = performance.now();
  span.end();
  ends.push((performance.now() - began) * 1_000);
}

async function turn({ tracer, delays, ends }: ReturnType<typeof setUp>): Promise<void> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  const began = performance.now();
  for (let done = 0; ; await sleep(TICK_MILLIS)) {
    const elapsed = (performance.now() - began) / 1_000;
    for (; done < Math.min(elapsed, seconds) * rate; done += 1) recordSpan(tracer, done, ends);
    if (elapsed >= seconds) break;
  }
  histogram.disable();
  delays.push(histogram.percentile(99) / 1e6);
}

for (const candidate of Object.values(candidates)) await turn(candidate); // warm
for (const candidate of Object.values(candidates)) {
  candidate.delays.length = 0;
  candidate.ends.length = 0;
}
for (let round = 0; round < rounds; round += 1) {
  for (const candidate of Object.values(candidates)) {
    await turn(candidate);
    await candidate.provider.forceFlush(); // nobody's work runs in another's turn
  }
}
await candidates.ours.provider.shutdown();
const told = Object.entries(candidates).map(([name, { delays, ends }]) => {
  ends.sort((a, b) => a - b);
  const mean = ends.reduce((sum, micros) => sum + micros, 0) / ends.length;
  const delayP99 = delays.toSorted((a, b) => a - b)[delays.length >> 1];
  return [name, { delayP99, endMean: mean, endP99: ends[Math.floor(ends.length * 0.99)] }];
});
console.log(
  JSON.stringify(
    {
      seconds,
      rounds,
      rate,
      spansPerTrace,
      ...(Object.fromEntries(told) as object),
      stats: ours.stats(),
    },
    (_, value: unknown) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value),
  ),
);
