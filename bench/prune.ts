/**
 * Half of the stored spans are removed while others are written: spans per second meanwhile against without, what the
 * file takes afterwards against a copy that is written anew, and whether executions, frozen records, sums and patterns
 * are as they were. Prints JSON.
 *
 *     npm run bench -- prune [--spans 1000000] [--db URL]
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { InterpretedSpan } from '../src/model/span';
import { openStore } from '../src/store';
import { makeMeaning } from '../test/support/make-meaning';
import { makePattern } from '../test/support/make-pattern';
import { attributes, makeSpan } from '../test/support/make-span';

const spansPerRun = 10;
const runsPerCall = 12;
const callers = 4;
const start = 1_700_000_000_000_000_000n;

type Store = Awaited<ReturnType<typeof openStore>>;

async function main(spans: number, databaseUrl: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'prune-'));
  const file = join(folder, 'bench.db');
  const store = await openStore(databaseUrl ?? `sqlite:${file}`);
  const runs = Math.ceil(spans / spansPerRun);
  await writeUntil(store, 0, (written) => written >= runs);
  await store.storePattern(makePattern());
  await closeAll(store);
  const before = await outlives(store, runs);
  const size = await store.measure();

  const alone = await measured(store, runs, (_, millis) => millis > 8_000);
  let removing = true;
  const startedMillis = performance.now();
  const removal = store
    .remove({ olderThanUnixNano: start + BigInt(Math.floor(runs / 2)) * 1_000_000n })
    .finally(() => (removing = false));
  const meanwhile = await measured(store, runs + alone.runs, () => !removing);
  const removed = await removal;
  const removalMillis = performance.now() - startedMillis;
  const after = await measured(store, runs + alone.runs + meanwhile.runs, (_, ms) => ms > 8_000);

  const unchanged = (await outlives(store, runs)) === before;
  const reclaimed = await store.reclaim();
  const isFile = databaseUrl === undefined;
  if (isFile) await store.backup(`${file}.copy`);
  const copyBytes = isFile ? statSync(`${file}.copy`).size : null;
  await store.close();
  const without = (alone.perSecond + after.perSecond) / 2;
  console.log(
    JSON.stringify({
      spans: runs * spansPerRun,
      removed,
      removal_seconds: round(removalMillis / 1_000),
      spans_per_second: {
        alone: alone.perSecond,
        meanwhile: meanwhile.perSecond,
        after: after.perSecond,
      },
      meanwhile_to_without: round(meanwhile.perSecond / without),
      bytes: {
        full: size.total,
        after: reclaimed.after.total,
        written_anew: copyBytes,
        how: reclaimed.how,
      },
      file_to_written_anew: copyBytes === null ? null : round(statSync(file).size / copyBytes),
      executions_records_sums_and_patterns_unchanged: unchanged,
    }),
  );
  rmSync(folder, { recursive: true });
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

const closeAll = (store: Store): Promise<number> =>
  store.closeExecutions({ nowUnixNano: BigInt(Date.now()) * 1_000_000n, rule: 'ended' });

async function measured(
  store: Store,
  from: number,
  isEnough: (written: number, millis: number) => boolean,
): Promise<{ readonly runs: number; readonly perSecond: number }> {
  const begun = performance.now();
  const runs = await writeUntil(store, from, (written) =>
    isEnough(written, performance.now() - begun),
  );
  const seconds = (performance.now() - begun) / 1_000;
  return { runs, perSecond: Math.round((runs * spansPerRun) / seconds) };
}

async function writeUntil(
  store: Store,
  from: number,
  isEnough: (written: number) => boolean,
): Promise<number> {
  let made = 0;
  const caller = async (): Promise<void> => {
    while (!isEnough(made)) {
      const first = from + made;
      made += runsPerCall;
      await store.write({
        spans: Array.from({ length: runsPerCall }, (_, index) => makeRun(first + index)).flat(),
        rewards: [],
      });
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return made;
}

function makeRun(number: number): InterpretedSpan[] {
  const traceId = randomBytes(16).toString('hex');
  const rootId = randomBytes(8).toString('hex');
  const at = start + BigInt(number) * 1_000_000n;
  return Array.from({ length: spansPerRun }, (_, index) => ({
    span: makeSpan({
      traceId,
      spanId: index === 0 ? rootId : randomBytes(8).toString('hex'),
      parentSpanId: index === 0 ? null : rootId,
      startTimeUnixNano: at + BigInt(index),
      endTimeUnixNano: at + 500_000n,
      attributes: attributes({
        'a.key': 'some text of thirty letters at',
        'user.tier': index,
        note: 'x'.repeat(200),
      }),
    }),
    meaning: makeMeaning({
      role: index === 0 ? 'agent' : 'llm',
      taskId: `task-${number % 1_000}`,
      agent: { id: 'bench-agent', name: 'bench', version: '1', type: null },
      model: index === 0 ? null : 'm',
      inputTokens: index === 0 ? null : 100,
    }),
  }));
}

/** Hash of what outlives the spans of the first runs. */
async function outlives(store: Store, runs: number): Promise<string> {
  const hash = createHash('sha256');
  const note = (value: unknown): void => {
    hash.update(
      JSON.stringify(value, (_, member: unknown) =>
        typeof member === 'bigint' ? String(member) : member,
      ),
    );
  };
  const untilUnixNano = start + BigInt(runs) * 1_000_000n;
  for (let cursor: string | undefined; ;) {
    const page = await store.listExecutions({ untilUnixNano, limit: 1_000, cursor });
    note(page.items);
    cursor = page.nextCursor ?? undefined;
    if (cursor === undefined) break;
  }
  for (let cursor = 0, seen = 0; seen < runs;) {
    const page = await store.readFrozen(cursor, Math.min(1_000, runs - seen));
    if (page.executions.length === 0) break;
    note(page.executions);
    seen += page.executions.length;
    cursor = page.cursor;
  }
  note(await store.queryPatterns({}));
  return hash.digest('hex');
}

const { values } = parseArgs({
  options: { spans: { type: 'string', default: '1000000' }, db: { type: 'string' } },
});
void main(Number(values.spans), values.db);
