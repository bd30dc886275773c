import type { EvolutionStore } from '../../../src/model/ports';
import type { InterpretedSpan } from '../../../src/model/span';
import { TransitionError } from '../../../src/errors';
import { spanId, traceId } from '../../support/make-span';
import { makeReward } from '../make-reward';
import { interpreted, type StoreHarness } from './harness';

const root = (): InterpretedSpan =>
  interpreted(
    { startTimeUnixNano: 10n, endTimeUnixNano: 50n, status: { code: 2, message: null } },
    { role: 'agent', executionId: 'e', taskId: 't', tags: ['before'] },
  );

/** Feedback about the root, as `withTags` sends it after the outcome is known. */
const tagsAfterwards = (tags: readonly string[]): InterpretedSpan =>
  interpreted(
    { traceId: traceId(9), spanId: spanId(9), name: 'evolution.tags' },
    {
      carrier: true,
      links: [
        {
          target: { kind: 'span', traceId: root().span.traceId, spanId: root().span.spanId },
          type: 'tags_for_operation',
          attributes: {},
          tags,
        },
      ],
    },
  );

/** What the store once did wrong, by the number it has in the list of it. */
export function onceWrongContract(harness: StoreHarness): void {
  let store: EvolutionStore;
  beforeEach(async () => {
    store = await harness.open();
  });
  const write = (...spans: InterpretedSpan[]) => store.write({ spans, rewards: [] });

  it('1: a tag that a carrier brings after the outcome is shown, and is nothing to learn from', async () => {
    await write(root());
    await store.recordReward(
      makeReward({ target: { kind: 'execution', executionId: 'e' }, value: 0 }),
    );
    await write(tagsAfterwards(['wrong']));
    await store.closeExecutions({ nowUnixNano: 10n ** 18n, rule: 'ended' });
    const [frozen] = (await store.readFrozen(0, 10)).executions;
    expect(frozen).toMatchObject({ id: 'e', tags: ['before'], outcome: { reward: 0 } });
    expect((await store.getExecution('e'))?.tags).toEqual(['before', 'wrong']);
  });

  it('3: a span sent again, read with other prices, is the same version and changes nothing', async () => {
    const read = (costUsd: number): InterpretedSpan[] => {
      const { span, meaning } = root();
      return [{ span, meaning: { ...meaning, costUsd } }];
    };
    await write(...read(0.5));
    const before = await store.getExecution('e');
    expect(await write(...read(99))).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await write(...read(0.001))).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await store.getExecution('e')).toEqual(before);
    expect(before?.costUsd).toBe(0.5);
  });

  it('5: a failed execution is not moved back to queued by creating it again', async () => {
    await write(root());
    await expect(store.createExecution({ id: 'e', taskId: 't', status: 'queued' })).rejects.toThrow(
      TransitionError,
    );
    expect(await store.getExecution('e')).toMatchObject({ status: 'failed' });
  });

  it('7: whether a run was a success does not depend on which process folded it', async () => {
    const url = harness.newUrl();
    const strict = await harness.openAt(url, { successThreshold: 0.9 });
    const lenient = await harness.openAt(url, { successThreshold: 0.1 });
    const run = (n: number): InterpretedSpan =>
      interpreted({ traceId: traceId(n) }, { role: 'agent', executionId: `e${n}` });
    for (const [n, writer] of [strict, lenient].entries()) {
      await writer.write({ spans: [run(n)], rewards: [] });
      await writer.recordReward(
        makeReward({
          id: `r${n}`,
          target: { kind: 'execution', executionId: `e${n}` },
          value: 0.5,
        }),
      );
    }
    const runs = (await strict.listExecutions({})).items;
    expect(runs.map(({ success }) => success)).toEqual([false, false]);
  });

  it('one trace that could not be derived failed every read: everything else is derived, and what is wrong is said', async () => {
    const url = harness.newUrl();
    const agentOf = (n: number): InterpretedSpan =>
      interpreted({ traceId: traceId(n) }, { role: 'agent' });
    const own = await harness.openAt(url);
    await own.write({ spans: [agentOf(1), agentOf(2)], rewards: [] });
    const other = await harness.connect(url);
    await other.raw(`UPDATE spans SET meaning = '{' WHERE trace_key = 1`);
    await other.raw(`UPDATE traces SET dirty = 2 WHERE key IN (1, 2)`);
    const wanted = interpreted(
      { traceId: traceId(2), spanId: '00000000000000aa' },
      { role: 'tool', executionId: 'named' },
    );
    await own.write({ spans: [wanted], rewards: [] });
    expect(await own.getExecution('named')).toMatchObject({ spans: 2 });
    expect(await own.getExecution(traceId(1))).toMatchObject({ spans: 1 });
    expect((await own.listTasks({})).items).toHaveLength(2);
    const rows = await other<{ dirty: number; derive_error: string | null }>('traces')
      .select('dirty', 'derive_error')
      .orderBy('key');
    expect(rows.map((row) => ({ ...row, dirty: Number(row.dirty) }))).toEqual([
      { dirty: 3, derive_error: expect.stringContaining('JSON') as string },
      { dirty: 0, derive_error: null },
    ]);
    expect(await own.closeExecutions({ nowUnixNano: 9n * 10n ** 18n, rule: 'ended' })).toBe(1);
    // Once it is whole again, the next span of the trace has it derived.
    await other.raw(`UPDATE spans SET meaning = NULL WHERE trace_key = 1`);
    await own.write({
      spans: [interpreted({ traceId: traceId(1), spanId: '00000000000000aa' })],
      rewards: [],
    });
    expect(await own.getExecution(traceId(1))).toMatchObject({ spans: 2 });
    expect(await own.closeExecutions({ nowUnixNano: 9n * 10n ** 18n, rule: 'ended' })).toBe(1);
    await other.destroy();
  });
}
