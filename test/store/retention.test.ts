import { makeMeaning } from '../support/make-meaning';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';
import { waitFor } from '../support/wait-for';
import type { EvolutionStore } from '../../src/model/ports';
import { createHarness } from './contract/harness';

const start = 1_700_000_000_000_000_000n;
const day = 86_400_000_000_000n;
const dayMillis = 86_400_000;

/** Runs a day apart. */
async function write(store: EvolutionStore, from: number, to: number, pad = 0): Promise<void> {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  await store.write({
    spans: numbers.map((number) => ({
      span: makeSpan({
        traceId: traceId(number),
        spanId: spanId(1),
        startTimeUnixNano: start + BigInt(number) * day,
        endTimeUnixNano: start + BigInt(number) * day + 1n,
        attributes: attributes({ pad: 'x'.repeat(pad) }),
      }),
      meaning: makeMeaning({ role: 'agent', taskId: `t${number}` }),
    })),
    rewards: [],
  });
}

describe.each(['sqlite', 'postgres'] as const)('retention on %s', (dialect) => {
  const harness = createHarness(dialect);
  afterAll(() => harness.dispose());

  /** A clock that stands still, long after everything was received. */
  const at = (days: number) => ({ nowUnixNano: () => start + BigInt(days) * day });
  const quick = { firstAfterMillis: 50, everyMillis: 50 };

  it('removes in the background what is too old, says so once, and counts it', async () => {
    const url = harness.newUrl();
    const writer = await harness.openAt(url, { clock: at(20) });
    await write(writer, 1, 10);
    const told: string[] = [];
    const retention = {
      ...quick,
      maxAgeMillis: 25 * dayMillis,
      tell: (what: string) => void told.push(what),
    };
    const keepers = [
      await harness.openAt(url, { clock: at(30), retention }),
      await harness.openAt(url, { clock: at(30), retention }),
    ];
    await waitFor('spans gone', async () => (await writer.getTotals()).spans === 6);
    expect(await writer.getTotals()).toMatchObject({ executions: 10, tasks: 10 });
    expect(await writer.countClosedExecutions()).toBe(10);
    await waitFor('counted', async () => (await writer.readJobs()).retention.removedSpans === 4);
    const { retention: keeps } = await keepers[0]!.readJobs();
    expect(keeps).toMatchObject({ maxAgeMillis: 25 * dayMillis, maxBytes: null, removedSpans: 4 });
    expect((await writer.readJobs()).retention).toEqual({
      maxAgeMillis: null,
      maxBytes: null,
      lastRunUnixNano: start + 30n * day,
      removedTraces: 4,
      removedSpans: 4,
    });
    // What comes late and is old goes, too.
    await write(writer, 2, 3);
    await waitFor('counted', async () => (await writer.readJobs()).retention.removedSpans === 6);
    await Promise.all(keepers.map((keeper) => keeper.close()));
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.length).toBeLessThanOrEqual(2);
    expect(told[0]).toContain('retention removes traces from before 2023-11-19');
  }, 30_000);

  it('removes nothing where no limit is set, and stops when the store is closed', async () => {
    const store = await harness.open({ clock: at(30), retention: quick });
    await write(store, 1, 3);
    await store.closeExecutions({ nowUnixNano: start + 99n * day, rule: 'ended' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await store.getTotals()).toMatchObject({ spans: 3 });
    expect((await store.readJobs()).retention.lastRunUnixNano).toBeNull();
    const closing = await harness.open({
      clock: at(999),
      retention: { ...quick, firstAfterMillis: 0, maxAgeMillis: dayMillis },
    });
    await write(closing, 1, 3);
    await closing.close();
  });
});

describe('retention by size', () => {
  const harness = createHarness('sqlite');
  afterAll(() => harness.dispose());

  it('keeps the data below the limit, and says where it cannot', async () => {
    const url = harness.newUrl();
    const writer = await harness.openAt(url);
    await write(writer, 1, 1_000, 2_000);
    await writer.closeExecutions({ nowUnixNano: start + 9_999n * day, rule: 'ended' });
    const { used } = await writer.measure();
    const told: string[] = [];
    const tell = (what: string): void => void told.push(what);
    const limits = { firstAfterMillis: 20, everyMillis: 50, tell };
    // Half of it are records, which stay.
    const maxBytes = Math.round(used * 0.85);
    const keeper = await harness.openAt(url, { retention: { ...limits, maxBytes } });
    await waitFor('small', async () => (await writer.measure()).total <= maxBytes);
    await keeper.close();
    expect(await writer.getTrace(traceId(1))).toEqual([]);
    expect(await writer.getTrace(traceId(1_000))).toHaveLength(1);
    expect(told).toEqual([expect.stringContaining('removes the oldest traces')]);
    const strict = await harness.openAt(url, { retention: { ...limits, maxBytes: 1 } });
    await waitFor('told', () => Promise.resolve(told.some((what) => what.includes('cannot keep'))));
    await strict.close();
    expect(await writer.getTotals()).toMatchObject({ spans: 0, executions: 1_000 });
  }, 30_000);
});
