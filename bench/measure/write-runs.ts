/** Runs of ten spans written straight to the store, twelve runs a call, as the group commit of `serve` joins them. */
import type { InterpretedSpan, SpanMeaning } from '../../src/model/span';
import type { openStore } from '../../src/store';
import { makeMeaning } from '../../test/support/make-meaning';
import { makeSpan, spanId, traceId } from '../../test/support/make-span';

export const spansPerRun = 10;
export const runsPerCall = 12;

export type Store = Awaited<ReturnType<typeof openStore>>;
export type Ids = Partial<Pick<SpanMeaning, 'taskId' | 'sessionId'>>;

/** Writes the runs `from` … `from + runs`; answers spans per second. */
export async function writeRuns(
  store: Store,
  from: number,
  runs: number,
  idsOf: (run: number) => Ids,
): Promise<number> {
  const started = performance.now();
  for (let run = from; run < from + runs; run += runsPerCall) {
    const spans: InterpretedSpan[] = [];
    for (let each = run; each < run + runsPerCall; each += 1) {
      for (let n = 0; n < spansPerRun; n += 1) {
        spans.push(spanOf(traceId(each + 1), n, idsOf(each), BigInt(each) * 1_000n));
      }
    }
    await store.write({ spans, rewards: [] });
  }
  return Math.round((runs * spansPerRun * 1_000) / (performance.now() - started));
}

export function spanOf(trace: string, n: number, ids: Ids, start: bigint): InterpretedSpan {
  return {
    span: makeSpan({
      traceId: trace,
      spanId: spanId(n + 1),
      parentSpanId: n % spansPerRun === 0 ? null : spanId(n - (n % spansPerRun) + 1),
      startTimeUnixNano: start + BigInt(n),
      endTimeUnixNano: start + BigInt(n) + 100n,
    }),
    meaning: makeMeaning({ role: n % spansPerRun === 0 ? 'agent' : 'tool', ...ids }),
  };
}
