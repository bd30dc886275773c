/**
 * What a closed execution costs the learner's feed: closing, admission and the read of its frozen record, after little history and
 * after much, in one run. Prints JSON.
 *
 *   --history N   executions stored and closed before the last measurement (100000)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { InterpretedSpan } from '../src/model/span';
import { openStore } from '../src/store';
import { makeMeaning } from '../test/support/make-meaning';
import { makeSpan, spanId, traceId } from '../test/support/make-span';

const spansPerRun = 10;
const runsPerRound = 1_000;
const littleHistory = 10_000;
/** Rounds that are measured at each end; the middle one counts. */
const measured = 5;
const later = 9n * 10n ** 18n;

const { values } = parseArgs({ options: { history: { type: 'string', default: '100000' } } });
const history = Number(values.history);
const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-feed-'));
const store = await openStore(`sqlite:${join(folder, 'feed.db')}`, { readWaitMillis: 60_000 });
let runs = 0;
let cursor = 0;
try {
  while (runs < littleHistory) await round();
  const little = await middleRound();
  while (runs < history) await round();
  const much = await middleRound();
  const ratio = Math.round((much / little) * 100) / 100;
  const perExecution = (millis: number): number => Math.round((millis / runsPerRound) * 1e6) / 1e3;
  console.log(
    JSON.stringify({
      executions: runs,
      microsPerExecution: {
        after: littleHistory,
        little: perExecution(little),
        much: perExecution(much),
      },
      muchToLittle: ratio,
    }),
  );
} finally {
  await store.close();
  await rm(folder, { recursive: true, force: true });
}

async function middleRound(): Promise<number> {
  const millis: number[] = [];
  while (millis.length < measured) millis.push(await round());
  return millis.sort((a, b) => a - b)[Math.floor(measured / 2)]!;
}

/** Stores so many runs; gives the time, ms, that the feed takes for them. */
async function round(): Promise<number> {
  for (let from = 0; from < runsPerRound; from += 200) {
    const spans = Array.from({ length: 200 * spansPerRun }, (_, n) =>
      spanOf(runs + from + Math.floor(n / spansPerRun), n % spansPerRun),
    );
    await store.write({ spans, rewards: [] });
  }
  await store.listTasks({ limit: 1 });
  runs += runsPerRound;
  const started = performance.now();
  const closed = await store.closeExecutions({ nowUnixNano: later, rule: 'ended' });
  await store.admitCut(later);
  let read = 0;
  for (let more = true; more;) {
    const page = await store.readFrozen(cursor, 500);
    read += page.executions.length;
    cursor = page.cursor;
    more = page.executions.length > 0;
  }
  if (closed !== runsPerRound || read !== runsPerRound) {
    throw new Error(`${closed} were closed and ${read} read of ${runsPerRound}`);
  }
  return performance.now() - started;
}

function spanOf(run: number, n: number): InterpretedSpan {
  const start = BigInt(run) * 1_000n + BigInt(n);
  return {
    span: makeSpan({
      traceId: traceId(run + 1),
      spanId: spanId(n + 1),
      parentSpanId: n === 0 ? null : spanId(1),
      startTimeUnixNano: start,
      endTimeUnixNano: start + 100n,
    }),
    meaning: makeMeaning({
      role: n === 0 ? 'agent' : 'tool',
      tool: n === 0 ? null : `tool-${n % 4}`,
      taskId: `task-${run % 5_000}`,
    }),
  };
}
