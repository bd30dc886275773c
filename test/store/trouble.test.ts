import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../src/store';
import { spanId, traceId } from '../support/make-span';
import { createHarness, interpreted } from './contract/harness';
import { makeReward } from './make-reward';

const later = 9n * 10n ** 18n;
const patient = { readWaitMillis: 60_000 };
const hour = 3_600_000_000_000n;

/** A span that belongs elsewhere once its neighbour names the execution: its trace is derived anew in the background. */
const first = (n: number) =>
  interpreted({ traceId: traceId(n), spanId: spanId(1) }, { role: 'agent' });
const naming = (n: number) =>
  interpreted(
    { traceId: traceId(n), spanId: spanId(2), parentSpanId: spanId(1) },
    { role: 'tool', executionId: `named ${n}` },
  );

describe.each(['sqlite', 'postgres'] as const)('trouble on %s', (dialect) => {
  const harness = createHarness(dialect);
  afterAll(() => harness.dispose(), 120_000);

  it('two that both derive do everything once', async () => {
    const url = harness.newUrl();
    const [one, two] = [
      await harness.openAt(url, { ...patient, spansPerSlice: 5 }),
      await harness.openAt(url, { ...patient, spansPerSlice: 5 }),
    ];
    for (let n = 1; n <= 40; n += 2) {
      await Promise.all([
        one.write({ spans: [first(n)], rewards: [] }),
        two.write({ spans: [first(n + 1)], rewards: [] }),
      ]);
      await Promise.all([
        one.write({ spans: [naming(n + 1)], rewards: [] }),
        two.write({ spans: [naming(n)], rewards: [] }),
      ]);
    }
    await Promise.all([one.listTasks({}), two.listTasks({})]);
    const { items } = await one.listExecutions({ limit: 1_000 });
    const named = items.filter(({ id }) => id.startsWith('named'));
    expect(named.map(({ spans }) => spans)).toEqual(Array(40).fill(2));
    expect(items.reduce((sum, { spans }) => sum + spans, 0)).toBe(80);
    // The loser of the lease does not wait for what the other has done.
    const closed = await Promise.all(
      [one, two].map((store) => store.closeExecutions({ nowUnixNano: later, rule: 'ended' })),
    );
    expect(closed[0]! + closed[1]!).toBe(items.length);
    expect((await one.readFrozen(0, 1_000)).executions).toHaveLength(items.length);
  }, 60_000);

  it('a clock that is set back an hour stops neither derivation nor closing', async () => {
    let now = 2_000_000_000_000_000_000n;
    const store = await harness.open({ ...patient, clock: { nowUnixNano: () => now } });
    await store.write({ spans: [first(1)], rewards: [] });
    now -= hour;
    await store.write({ spans: [naming(1), first(2)], rewards: [] });
    expect(await store.getExecution('named 1')).toMatchObject({ spans: 2 });
    expect(await store.getExecution(traceId(2))).toMatchObject({ spans: 1 });
    const close = () => store.closeExecutions({ nowUnixNano: now, rule: 'settled' });
    await close();
    now += hour + 60_000_000_000n;
    await close();
    expect((await store.readFrozen(0, 10)).executions.map(({ id }) => id).sort()).toEqual([
      traceId(2),
      'named 1',
    ]);
  }, 60_000);

  it('a reward by id and its span, committed at once by two, always join', async () => {
    const url = harness.newUrl();
    const [one, two] = [await harness.openAt(url, patient), await harness.openAt(url, patient)];
    const runs = 60;
    for (let n = 1; n <= runs; n += 1) {
      const target =
        n % 2 === 0
          ? ({ kind: 'execution', executionId: traceId(n) } as const)
          : ({ kind: 'span', traceId: traceId(n), spanId: spanId(1) } as const);
      const reward = makeReward({ id: `r${n}`, target });
      await Promise.all([
        one.write({ spans: [first(n)], rewards: [] }),
        two.write({ spans: [], rewards: [reward] }),
      ]);
    }
    const { items } = await one.listExecutions({ limit: 1_000 });
    expect(items.map(({ rewards }) => rewards)).toEqual(Array(runs).fill({ reward: 1 }));
  }, 60_000);
});

describe('a disk that fills up between a write and its derivation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-small-disk-'));
  let mounted = false;
  beforeAll(() => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder], { stdio: 'pipe' });
      mounted = true;
    } catch {
      process.stderr.write('No small disk can be mounted here: a full one is not tested.\n');
    }
  });
  afterAll(() => {
    if (mounted) execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps what was acknowledged, and derives it when there is room again', async () => {
    if (!mounted) return;
    const url = `sqlite:${join(folder, 'small.db')}`;
    const store = await openStore(url, { ...patient, readWaitMillis: 300, retryMillis: 300 });
    for (let n = 1; n <= 20; n += 1) await store.write({ spans: [first(n)], rewards: [] });
    await store.write({
      spans: Array.from({ length: 20 }, (_, n) => naming(n + 1)),
      rewards: [],
    });
    const ballast = join(folder, 'ballast');
    expect(() => writeFileSync(ballast, Buffer.alloc(16 * 1024 * 1024))).toThrow('ENOSPC');
    const refused = await fillUp(store);
    expect(refused).toMatchObject({ code: 'database_full' });
    await sleep(200);
    rmSync(ballast);
    await store.write({ spans: [first(1_000_000)], rewards: [] });
    await store.close();
    const again = await openStore(url, patient);
    const { items } = await again.listExecutions({ limit: 1_000 });
    const named = items.filter(({ id }) => id.startsWith('named'));
    expect(named.map(({ spans }) => spans)).toEqual(Array(20).fill(2));
    await again.close();
  }, 60_000);
});

async function fillUp(store: Awaited<ReturnType<typeof openStore>>): Promise<unknown> {
  for (let n = 1_000; n < 100_000; n += 1) {
    const error: unknown = await store.write({ spans: [first(n)], rewards: [] }).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (error !== null) return error;
  }
  return null;
}
