/**
 * A write costs the same whatever is stored: spans per second with one task id for all runs, and with sessions of 1,000
 * traces, against many tasks, and one trace in one call against the same spans as traces of ten, all in one run. The last
 * runs are held against each other and against the first 100,000 spans of each. Prints JSON.
 *
 *     npm run bench -- hot-task [runs] [spansOfOneTrace]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openStore } from '../src/store';
import { traceId } from '../test/support/make-span';
import { runsPerCall, spanOf, spansPerRun, type Store, writeRuns } from './measure/write-runs';

const tracesPerSession = 1_000;
/** The first is of 100,000 spans, as long as there are ten of them. */
const largestWindow = 10_000;
const shownWindows = 10;

async function main(runs: number, longTrace: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hot-task-'));
  const hot = await openStore(`sqlite:${join(folder, 'hot.db')}`);
  const many = await openStore(`sqlite:${join(folder, 'many.db')}`);
  const sessions = await openStore(`sqlite:${join(folder, 'sessions.db')}`);
  const rates: { hot: number; sessions: number; many: number }[] = [];
  const runsPerWindow = Math.ceil(Math.min(runs / 10, largestWindow) / runsPerCall) * runsPerCall;
  const windows = Math.ceil(runs / runsPerWindow);
  for (let window = 0; window < windows; window += 1) {
    const from = window * runsPerWindow;
    // All alike but for what is shared: a task, a session, nothing.
    rates.push({
      hot: await writeRuns(hot, from, runsPerWindow, (run) => ({
        taskId: 'the-task',
        sessionId: `session-${run}`,
      })),
      sessions: await writeRuns(sessions, from, runsPerWindow, (run) => ({
        taskId: `task-${run}`,
        sessionId: `session-${Math.floor(run / tracesPerSession)}`,
      })),
      many: await writeRuns(many, from, runsPerWindow, (run) => ({
        taskId: `task-${run}`,
        sessionId: `session-${run}`,
      })),
    });
  }
  const one = await writeAtOnce(hot, longTrace, () => traceId(900_000_000));
  const traces = await writeAtOnce(many, longTrace, (n) =>
    traceId(910_000_000 + Math.floor(n / spansPerRun)),
  );
  await hot.close();
  await sessions.close();
  await many.close();
  rmSync(folder, { recursive: true });
  // The last three together: one window alone is as noisy as the machine.
  const mean = (part: typeof rates) => ({
    hot: sum(part.map(({ hot }) => hot)) / part.length,
    sessions: sum(part.map(({ sessions }) => sessions)) / part.length,
    many: sum(part.map(({ many }) => many)) / part.length,
  });
  const ofFirst = Math.max(1, Math.round(largestWindow / runsPerWindow));
  const [first, last] = [mean(rates.slice(0, Math.min(3, ofFirst))), mean(rates.slice(-3))];
  const every = Math.ceil(windows / shownWindows);
  console.log(
    JSON.stringify({
      runs: runsPerWindow * windows,
      runsOfWindow: runsPerWindow,
      spansPerSecond: rates.filter((_, window) => window % every === 0),
      lastHotToMany: round(last.hot / last.many),
      lastSessionsToMany: round(last.sessions / last.many),
      lastManyToFirstMany: round(last.many / first.many),
      lastHotToFirstHot: round(last.hot / first.hot),
      lastSessionsToFirstSessions: round(last.sessions / first.sessions),
      longTrace: { spans: longTrace, ...one, asTracesOfTen: traces },
      longTraceTimesTraces: round(one.millis / traces.millis),
    }),
  );
}

async function writeAtOnce(
  store: Store,
  count: number,
  traceOf: (n: number) => string,
): Promise<{ readonly millis: number; readonly longestTurnMillis: number }> {
  const spans = Array.from({ length: count }, (_, n) => spanOf(traceOf(n), n, {}, 5n));
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

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const round = (value: number): number => Math.round(value * 1_000) / 1_000;

void main(Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 50_000));
