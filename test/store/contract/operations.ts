import type { EvolutionStore } from '../../../src/model/ports';
import type { SpanKind } from '../../../src/model/span';
import { makeSpan, spanId, traceId } from '../../support/make-span';
import { interpreted, type StoreHarness } from './harness';

/** What a search for spans may offer: the services and operations that came, within bounds. */
export function operationContract(harness: StoreHarness): void {
  let count = 0;

  async function write(
    store: EvolutionStore,
    operations: readonly (readonly [service: string | null, name: string, kind: SpanKind])[],
  ): Promise<void> {
    const spans = operations.map(([service, name, kind]) => {
      count += 1;
      const resource = {
        attributes: service === null ? {} : { 'service.name': service },
        droppedAttributesCount: 0,
        schemaUrl: null,
      };
      return interpreted(
        makeSpan({ traceId: traceId(count), spanId: spanId(1), name, kind, resource }),
      );
    });
    const { accepted } = await store.write({ spans, rewards: [] });
    expect(accepted).toBe(spans.length);
  }

  /** As if they had come before. */
  async function fill(
    url: string,
    services: number,
    operations: number,
    today = Math.floor(Date.now() / 86_400_000),
  ): Promise<void> {
    await (await harness.openAt(url)).close();
    const connection = await harness.connect(url);
    for (let service = 0; service < services; service += 1) {
      const rows = Array.from({ length: operations }, (_, name) => ({
        ...{ service: `filled-${service}`, name: `GET /${name}`, kind: 2, seen_day: today },
      }));
      await connection.batchInsert('operations', rows, 200);
    }
    await connection.destroy();
  }

  it('are listed once each, in order, and by kind', async () => {
    const store = await harness.open();
    expect(await store.listServices()).toEqual([]);
    await write(store, [
      ['shop', 'pay', 3],
      ['shop', 'buy', 2],
      ['shop', 'pay', 2],
      ['shop', 'pay', 3],
      ['agent', 'chat', 1],
      [null, 'nameless', 0],
      ['', 'empty', 0],
    ]);
    await write(store, [['shop', 'pay', 3]]);
    expect(await store.listServices()).toEqual(['agent', 'shop', 'unknown_service']);
    expect(await store.listOperations('shop')).toEqual([
      { name: 'buy', kind: 2 },
      { name: 'pay', kind: 2 },
      { name: 'pay', kind: 3 },
    ]);
    expect(await store.listOperations('shop', 3)).toEqual([{ name: 'pay', kind: 3 }]);
    expect(await store.listOperations('unknown_service')).toHaveLength(2);
    expect(await store.listOperations('nobody\0')).toEqual([]);
  });

  it('are kept of whatever names and kinds come, cut where they are long', async () => {
    const store = await harness.open();
    const long = '漢'.repeat(255) + '😀'.repeat(400);
    await write(store, [
      [long, long, 1],
      ['nul', 'a\0b', 7 as SpanKind],
      ['nul', '', 1],
    ]);
    const cut = '漢'.repeat(255) + '\ufffd';
    expect(await store.listServices()).toEqual(['nul', cut]);
    expect(await store.listOperations(long)).toEqual([{ name: cut, kind: 1 }]);
    expect(await store.listOperations('nul')).toEqual([
      { name: '', kind: 1 },
      { name: 'a\ufffdb', kind: 0 },
    ]);
  });

  it('cost nothing when they are known', async () => {
    const url = harness.newUrl();
    const store = await harness.openAt(url);
    await write(store, [['shop', 'pay', 3]]);
    const connection = await harness.connect(url);
    await connection('operations').del();
    await connection.destroy();
    await write(store, [['shop', 'pay', 3]]);
    expect(await store.listServices()).toEqual([]);
  });

  it('are at most 1,000 of a service; spans of further ones are stored, and counted', async () => {
    const url = harness.newUrl();
    await fill(url, 1, 999);
    const store = await harness.openAt(url);
    await write(store, [
      ['filled-0', 'GET /998', 2],
      ['filled-0', 'last', 2],
      ['filled-0', 'beyond', 2],
      ['filled-0', 'beyond', 2],
      ['another', 'first', 2],
    ]);
    await write(store, [['filled-0', 'beyond', 3]]);
    expect(await store.listOperations('filled-0')).toHaveLength(1000);
    expect(await store.listOperations('another')).toHaveLength(1);
    expect((await store.readJobs()).unlistedSpans).toBe(3);
    expect((await store.getTotals()).spans).toBe(6);
  });

  it('are at most 10,000 in all, also where two processes fill the list at once', async () => {
    const url = harness.newUrl();
    await fill(url, 10, 999);
    const stores = [await harness.openAt(url), await harness.openAt(url)];
    const names = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(
      stores.flatMap((store, who) =>
        names.map((name) => write(store, [[`service-${who}`, `operation-${name}`, 1]])),
      ),
    );
    // What another process has listed is known, too.
    for (const store of stores) await write(store, [['filled-3', 'GET /7', 2]]);
    const unlisted = await Promise.all(
      stores.map(async (store) => (await store.readJobs()).unlistedSpans),
    );
    expect(unlisted[0]! + unlisted[1]!).toBe(30);
    const listed = await Promise.all(
      (await stores[0]!.listServices()).map((service) => stores[0]!.listOperations(service)),
    );
    expect(listed.flat()).toHaveLength(10_000);
  });

  it('are let go when none has come for thirty days, and then there is room for others', async () => {
    let day = 100;
    const clock = { nowUnixNano: () => BigInt(day) * 86_400_000_000_000n + 5n };
    const url = harness.newUrl();
    await fill(url, 1, 1000, day);
    const store = await harness.openAt(url, { clock });
    await write(store, [['filled-0', 'new', 2]]);
    day = 115;
    await write(store, [
      ['filled-0', 'GET /7', 2],
      ['filled-0', 'new', 2],
    ]);
    expect((await store.readJobs()).unlistedSpans).toBe(2);
    day = 131;
    await write(store, [['filled-0', 'new', 2]]);
    expect((await store.readJobs()).unlistedSpans).toBe(2);
    expect(await store.listOperations('filled-0')).toEqual([
      { name: 'GET /7', kind: 2 },
      { name: 'new', kind: 2 },
    ]);
  });
}
