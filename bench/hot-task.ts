/**
 * A write costs the same whatever is stored: spans per second with one task id for all runs against many tasks, and
 * one trace in one call against the same spans as traces of ten, each pair in one run. Prints JSON.
 *
 *     node -r esbuild-register bench/hot-task.ts [runs] [spansOfOneTrace]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { InterpretedSpan } from '../src/model/span';
import { openStore } from '../src/store';
import { makeMeaning } from '../test/support/make-meaning';
import { makeSpan, spanId, traceId } from '../test/support/make-span';

const spansPerRun = 10;
const runsPerCall = 12;
const windows = 10;

async function main(runs: number, longTrace: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hot-task-'));
  const hot = await openStore(`sqlite:${join(folder, 'hot.db')}`);
  const many = await openStore(`sqlite:${join(folder, 'many.db')}`);
  const rates: { hot: number; many: number }[] = [];
  const runsPerWindow = Math.ceil(runs / windows / runsPerCall) * runsPerCall;
  for (let window = 0; window < windows; window += 1) {
    const from = window * runsPerWindow;
    rates.push({
      hot: await writeRuns(hot, from, runsPerWindow, () => 'the-task'),
      many: await writeRuns(many, from, runsPerWindow, (run) => `task-${run}`),
    });
  }
  const one = await writeAtOnce(hot, longTrace, () => traceId(900_000_000));
  const traces = await writeAtOnce(many, longTrace, (n) =>
    traceId(910_000_000 + Math.floor(n / spansPerRun)),
  );
  await hot.close();
  await many.close();
  rmSync(folder, { recursive: true });
  const last = rates.at(-1)!;
  console.log(
    JSON.stringify({
      runs: runsPerWindow * windows,
      spansPerSecond: rates,
      lastHotToMany: round(last.hot / last.many),
      lastHotToFirstHot: round(last.hot / rates[0]!.hot),
      longTrace: { spans: longTrace, ...one, asTracesOfTen: traces },
      longTraceTimesTraces: round(one.millis / traces.millis),
    }),
  );
}

type Store = Awaited<ReturnType<typeof openStore>>;

async function writeRuns(
  store: Store,
  from: number,
  runs: number,
  taskOf: (run: number) => string,
): Promise<number> {
  const started = performance.now();
  for (let run = from; run < from + runs; run += runsPerCall) {
    const spans: InterpretedSpan[] = [];
    for (let each = run; each < run + runsPerCall; each += 1) {
      for (let n = 0; n < spansPerRun; n += 1) {
        spans.push(spanOf(traceId(each + 1), n, taskOf(each), BigInt(each) * 1_000n));
      }
    }
    await store.write({ spans, rewards: [] });
  }
  return Math.round((runs * spansPerRun * 1_000) / (performance.now() - started));
}

async function writeAtOnce(
  store: Store,
  count: number,
  traceOf: (n: number) => string,
): Promise<{ readonly millis: number; readonly longestTurnMillis: number }> {
  const spans = Array.from({ length: count }, (_, n) => spanOf(traceOf(n), n, null, 5n));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const started = performance.now();
  const writing = store.write({ spans, rewards: [] });
  // Making the rows is another thread's work in `serve`.
  delay.enable();
  await writing;
  await store.getTotals();
  delay.disable();
  return {
    millis: Math.round(performance.now() - started),
    longestTurnMillis: Math.round(delay.percentile(99) / 1e6),
  };
}

function spanOf(trace: string, n: number, taskId: string | null, start: bigint): InterpretedSpan {
  return {
    span: makeSpan({
      traceId: trace,
      spanId: spanId(n + 1),
      parentSpanId: n % spansPerRun === 0 ? null : spanId(n - (n % spansPerRun) + 1),
      startTimeUnixNano: start + BigInt(n),
      endTimeUnixNano: start + BigInt(n) + 100n,
    }),
    meaning: makeMeaning({ role: n % spansPerRun === 0 ? 'agent' : 'tool', taskId }),
  };
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

void main(Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 50_000));
