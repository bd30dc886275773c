import type { LinkClaim } from '../../../src/model/reward';
import type { StoreOptions } from '../../../src/store';
import { attributes, spanId, traceId } from '../../support/make-span';
import { makeReward } from '../make-reward';
import { interpreted, type StoreHarness } from './harness';

const hourMillis = 3_600_000;

/** Attribute keys that links and rewards by query ask for: bounded in number and in what a new one costs. */
export function matchKeyContract(harness: StoreHarness): void {
  const by = (key: string, value = 'v') => ({
    kind: 'query' as const,
    matches: [{ key, value }],
  });
  const claim = (key: string): LinkClaim => ({
    target: by(key),
    type: 'related',
    attributes: attributes({}),
    tags: [],
  });
  const span = (n: number, keys: Record<string, string> = {}) =>
    interpreted({
      traceId: traceId(n),
      spanId: spanId(n),
      startTimeUnixNano: BigInt(n) * 1_000_000_000n,
      attributes: attributes(keys),
    });
  const from = { traceId: traceId(900), spanId: spanId(1) };
  const open = async (matchKeys: StoreOptions['matchKeys'], url = harness.newUrl()) => {
    const clock = {
      millis: 1_700_000_000_000,
      nowUnixNano: () => BigInt(clock.millis) * 1_000_000n,
    };
    const store = await harness.openAt(url, { clock, matchKeys });
    return { clock, store };
  };

  it('names what it refuses for its key: any client could use up the match keys for ever, and nobody was told', async () => {
    const { store, clock } = await open({ most: 2, idleMillis: 10_000, graceMillis: 1_000 });
    await store.write({ spans: [span(1, { third: 'v' })], rewards: [] });
    await store.createLink(from, claim('first'));
    await store.createLink(from, claim('second'));
    await expect(store.createLink(from, claim('third'))).rejects.toThrow('"third"');
    const linking = interpreted(from, { links: [claim('third'), claim('first')] });
    const reward = makeReward({ id: 'r', target: by('third'), value: 1 });
    const written = await store.write({ spans: [linking], rewards: [reward] });
    expect(written).toMatchObject({ accepted: 1 });
    expect(written.reduced![0]!.reason).toMatch(/left out 1 .*"third"/);
    expect(written.refused[0]!.reason).toContain('"third"');
    expect((await store.readJobs()).matchKeys).toEqual({ known: 2, waiting: 0, refusedClaims: 3 });

    clock.millis += 9_000;
    await store.createLink({ ...from, spanId: spanId(2) }, claim('first'));
    clock.millis += 2_000;
    expect(await store.derive(10_000)).toBe(true);
    expect((await store.readJobs()).matchKeys.known).toBe(1);
    const link = await store.createLink(from, claim('third'));
    expect(link.linkedSpanId).toBe(spanId(1));
    await expect(store.createLink(from, claim('second'))).rejects.toThrow('"second"');
  });

  it('lets a key go with its last claim, and with what was indexed for it', async () => {
    const url = harness.newUrl();
    const { store, clock } = await open({ graceMillis: 1_000 }, url);
    const linking = interpreted(from, {
      role: 'agent',
      executionId: 'e',
      taskId: 't',
      links: [claim('only')],
    });
    await store.write({ spans: [span(1, { only: 'v' }), linking], rewards: [] });
    expect((await store.queryLinks({})).items).toMatchObject([{ linkedSpanId: spanId(1) }]);
    clock.millis += 2_000;
    await store.derive(10_000);
    expect((await store.readJobs()).matchKeys.known).toBe(1);
    await store.remove({ taskId: 't' });
    expect(await store.derive(10_000)).toBe(true);
    expect((await store.readJobs()).matchKeys.known).toBe(0);
    const connection = await harness.connect(url);
    for (const table of ['claims', 'span_matches']) expect(await connection(table)).toEqual([]);
    expect((await store.createLink(from, claim('only'))).linkedSpanId).toBe(spanId(1));
  });

  it('admits so many new keys an hour: each makes it look through all spans', async () => {
    const { store, clock } = await open({ newPerHour: 2 });
    for (const key of ['a', 'b', 'a']) await store.createLink(from, claim(key));
    await expect(store.createLink(from, claim('c'))).rejects.toThrow('"c"');
    clock.millis += hourMillis + 1;
    expect(await store.createLink(from, claim('c'))).toMatchObject({ resolved: false });
  });

  it('indexes what is stored in slices while others write: a new key scanned all spans under the exclusive lock', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url, { readWaitMillis: 0 });
    const many = Array.from({ length: 2_300 }, (_, n) =>
      span(n + 10, n > 2_200 ? { key: 'v' } : {}),
    );
    await store.write({ spans: many, rewards: [] });
    await store.derive(10_000);
    // Another process derives, and does nothing for now.
    const connection = await harness.connect(url);
    await connection('leases').where({ name: 'derive' }).delete();
    await connection('leases').insert({ name: 'derive', holder: 'another', beat: 1 });
    const reward = makeReward({ id: 'r', target: by('key'), value: 1 });
    await store.write({ spans: [], rewards: [reward] });
    // Who comes later is not taken for the first while earlier ones may be found.
    await store.write({ spans: [span(9_000, { key: 'v' })], rewards: [] });
    expect((await store.readJobs()).matchKeys).toMatchObject({ known: 1, waiting: 1 });
    expect((await store.queryRewards({})).items).toMatchObject([{ resolved: false }]);
    await connection('leases').where({ name: 'derive' }).update({ holder: null });
    expect(await store.derive(20_000)).toBe(true);
    expect((await store.readJobs()).matchKeys).toMatchObject({ known: 1, waiting: 0 });
    expect((await store.queryRewards({})).items).toMatchObject([{ resolved: true }]);
    expect(await connection('rewards').first('target_span_id')).toEqual({
      target_span_id: spanId(2_211),
    });
  });
}
