import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IngestBatch } from '../../src/model/ports';
import type { LogRecord } from '../../src/model/span';
import { createIngest } from '../../src/runtime/ingest';
import { createIngestInTurns } from '../../src/runtime/ingest-in-turns';
import { openStore } from '../../src/store';
import { makeReward } from '../store/make-reward';
import { attributes, makeSpan, spanId, testResource, traceId } from '../support/make-span';

const settings = {
  policy: { captureContent: false, contentKey: new Uint8Array(32) },
  prices: {},
};

function evaluation(n: number, change: Partial<LogRecord> = {}): LogRecord {
  return {
    eventName: 'feature_flag.evaluation',
    traceId: traceId(n),
    spanId: spanId(1),
    timeUnixNano: 1_750_000_000_000_000_005n,
    attributes: attributes({ 'feature_flag.key': 'k', 'feature_flag.result.variant': 'v' }),
    resource: testResource,
    ...change,
  };
}

/** Spans of which some are refused, with log records and rewards that belong to the first and the last. */
const batch: IngestBatch = {
  spans: Array.from({ length: 200 }, (_, n) =>
    makeSpan({
      traceId: n % 50 === 7 ? 'no id' : traceId(n + 1),
      spanId: spanId(1),
      attributes: attributes({ 'gen_ai.operation.name': 'invoke_agent' }),
    }),
  ),
  logs: [evaluation(1), evaluation(200), evaluation(2, { traceId: null, spanId: null })],
  rewards: [
    makeReward({ id: 'good', value: 1 }),
    makeReward({ id: 'bad', target: { kind: 'span', traceId: 'x', spanId: 'y' } }),
  ],
};

test('a batch in turns ends as the same batch at once, place for place, and others have their turns between', async () => {
  const [whole, sliced] = [await openStore('sqlite::memory:'), await openStore('sqlite::memory:')];
  const expected = await createIngest(whole, settings).accept(batch);
  let turns = 0;
  let ended = false;
  const counting = (async () => {
    for (; !ended; turns += 1) await nextTurn();
  })();
  let turnsBefore = 0;
  const watched = {
    writePrepared: (rows: Parameters<typeof sliced.writePrepared>[0]) => {
      turnsBefore = turns;
      return sliced.writePrepared(rows);
    },
  };
  const result = await createIngestInTurns(watched, settings).accept(batch);
  ended = true;
  await counting;
  expect(result.refused.length).toBeGreaterThanOrEqual(5);
  expect(result).toEqual(expected);
  expect(turnsBefore).toBeGreaterThanOrEqual(3);
  expect(await sliced.getTotals()).toEqual(await whole.getTotals());
  await Promise.all([whole.close(), sliced.close()]);
});
