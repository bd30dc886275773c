import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/errors';
import { openStore } from '../../src/store';
import { attributes, spanId, traceId } from '../support/make-span';
import { createHarness, interpreted } from './contract/harness';
import { makeReward } from './make-reward';

const hour = 3_600_000_000_000n;

describe.each(['sqlite', 'postgres'] as const)('upkeep on %s', (dialect) => {
  const harness = createHarness(dialect);
  afterAll(() => harness.dispose());

  const run = (number: number, start: bigint, taskId: string, sessionId: string | null = null) =>
    interpreted(
      {
        traceId: traceId(number),
        spanId: spanId(1),
        startTimeUnixNano: start,
        endTimeUnixNano: start + 2_000_000n,
        attributes: attributes({}),
      },
      {
        role: 'llm',
        model: 'm',
        taskId,
        sessionId,
        costUsd: 0.25,
        inputTokens: 3,
        agent: { id: 'a', name: null, version: null, type: null },
      },
    );

  it('sums runs up by hour, and follows what is judged and removed', async () => {
    const store = await harness.open();
    await store.write({
      spans: [run(1, hour, 't1'), run(2, hour + 5n, 't1'), run(3, 2n * hour, 't2')],
      rewards: [],
    });
    const reward = makeReward({ target: { kind: 'trace', traceId: traceId(1) }, value: 0.5 });
    await store.recordReward(reward);
    const [first, second] = await store.readHourly({});
    expect(first).toEqual({
      hourUnixNano: hour,
      agentId: 'a',
      taskType: null,
      model: 'm',
      executions: 2,
      failed: 0,
      judged: 1,
      successes: 1,
      rewarded: 1,
      meanReward: 0.5,
      errors: 0,
      inputTokens: 6,
      outputTokens: 0,
      costUsd: 0.5,
      timed: 2,
      meanLatencyMs: 2,
    });
    expect(second).toMatchObject({ hourUnixNano: 2n * hour, executions: 1, meanReward: null });
    expect(await store.readHourly({ sinceUnixNano: 2n * hour })).toHaveLength(1);
    expect(await store.readHourly({ agentId: 'a', model: 'm' })).toHaveLength(2);
    expect(await store.readHourly({ model: 'other' })).toEqual([]);
    expect(await store.readHourly({ taskType: 'other' })).toEqual([]);
    await store.remove({ taskId: 't1' });
    expect(await store.readHourly({})).toEqual([second]);
  });

  it('gives the closed by cursor, and revised outcomes by theirs', async () => {
    const store = await harness.open();
    await store.write({ spans: [run(1, 10n, 't1'), run(2, 20n, 't2')], rewards: [] });
    await store.closeExecutions({ nowUnixNano: 10n ** 19n / 2n, rule: 'ended' });
    const page = await store.readFrozen(0, 1);
    expect(page.executions.map(({ taskId }) => taskId)).toEqual(['t1']);
    const rest = await store.readFrozen(page.cursor, 10);
    expect(rest.executions.map(({ taskId }) => taskId)).toEqual(['t2']);
    expect(await store.readFrozen(rest.cursor, 10)).toEqual({
      executions: [],
      cursor: rest.cursor,
    });
    expect((await store.readOutcomeChanges(0, 10)).changes).toEqual([]);
    await store.recordReward(makeReward({ target: { kind: 'task', taskId: 't2' }, value: 0.25 }));
    expect(await store.readOutcomeChanges(0, 10)).toMatchObject({
      changes: [{ executionId: traceId(2), outcome: { reward: 0.25 } }],
    });
    // The record itself says what it said.
    const [, second] = (await store.readFrozen(0, 10)).executions;
    expect({ ...second, outcome: {} }).toEqual(rest.executions[0]);
  });

  it('never changes a frozen record: a late root end is seen, and not learned from', async () => {
    const store = await harness.open();
    const open = run(1, 10n, 't1');
    const early = { ...open, span: { ...open.span, endTimeUnixNano: null } };
    await store.write({ spans: [early], rewards: [] });
    await store.closeExecutions({ nowUnixNano: 10n ** 19n / 2n, rule: 'settled' });
    const before = await store.readFrozen(0, 10);
    expect(before.executions).toMatchObject([{ status: 'timed_out' }]);
    await store.write({ spans: [open], rewards: [] });
    expect(await store.getExecution(traceId(1))).toMatchObject({ status: 'completed' });
    expect(await store.readFrozen(0, 10)).toEqual(before);
  });

  it('shows its jobs', async () => {
    const store = await harness.open();
    await store.write({ spans: [run(1, 10n, 't1')], rewards: [] });
    await store.closeExecutions({ nowUnixNano: 77n * hour, rule: 'ended' });
    expect(await store.readJobs()).toMatchObject({
      backlog: { traces: 0, executions: 0 },
      failed: { traces: 0, executions: 0 },
      errors: [],
      failures: 0,
      lastCloseUnixNano: 77n * hour,
    });
  });

  it('backs a database up while it is open', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-backup-'));
    const file = join(folder, 'copy.db');
    const store = await harness.open();
    await store.write({ spans: [run(1, 10n, 't1')], rewards: [] });
    if (dialect === 'postgres') {
      await expect(store.backup(file)).rejects.toThrow(InputError);
      expect(existsSync(file)).toBe(false);
    } else {
      await store.backup(file);
      await expect(store.backup(file)).rejects.toThrow('exists');
      const copy = await openStore(`sqlite:${file}`);
      expect(await copy.getTask('t1')).toMatchObject({ executions: 1 });
      await copy.close();
    }
    rmSync(folder, { recursive: true });
  });
});
