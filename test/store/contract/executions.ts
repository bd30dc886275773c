import { NotFoundError, TransitionError } from '../../../src/errors';
import type { EvolutionStore } from '../../../src/model/ports';
import type { Status } from '../../../src/model/status';
import { attributes, spanId, traceId } from '../../support/make-span';
import { makeReward } from '../make-reward';
import { interpreted, type StoreHarness } from './harness';

/** Tasks and executions: what spans make of them, and what somebody says by hand. */
export function executionContract(harness: StoreHarness): void {
  let store: EvolutionStore;
  beforeEach(async () => {
    store = await harness.open({ clock: { nowUnixNano: () => 1_000n }, newId: () => 'made' });
  });

  const write = (...spans: ReturnType<typeof interpreted>[]) => store.write({ spans, rewards: [] });

  it.each([
    ['goes on', [40, 80, 90], []],
    ['goes on and brings a better version of a span', [40, 80, 120], [5]],
    ['is long', [150, 190, 230], []],
  ])('keeps a trace that %s in large batches in one execution', async (_, ends, replaced) => {
    const tool = (n: number, endTimeUnixNano: bigint) =>
      interpreted(
        { spanId: spanId(n), startTimeUnixNano: BigInt(n), endTimeUnixNano },
        { role: 'tool', tool: 'search', taskId: 't', executionId: 'e' },
      );
    let written = 0;
    for (const end of ends) {
      const added = Array.from({ length: end - written }, (_unused, i) =>
        tool(written + i + 1, 500n),
      );
      await write(...added, ...(written > 0 ? replaced.map((n) => tool(n, 9_000n)) : []));
      written = end;
      expect(await store.getExecution('e')).toMatchObject({
        spans: written,
        toolCalls: written,
        endTimeUnixNano: replaced.length > 0 && written > ends[0]! ? 9_000n : 500n,
      });
      expect(await store.getTask('t')).toMatchObject({ executions: 1 });
    }
    const { items } = await store.querySpans({ executionId: 'e', limit: 1_000 });
    expect(items).toHaveLength(written);
  });

  it('a task keeps no tag, type or input of a run that went over to another', async () => {
    const root = (n: number, start: bigint, more: object, end: bigint | null = null) =>
      interpreted(
        { traceId: traceId(n), spanId: spanId(n), startTimeUnixNano: start, endTimeUnixNano: end },
        { role: 'agent', executionId: `e${n}`, ...more },
      );
    const said = { taskType: 'travel', taskInput: 'Book a flight.', tags: ['red'] };
    // Neither the first nor the latest run of its task.
    await write(root(1, 1n, { taskId: 't1' }), root(3, 3n, { taskId: 't1' }));
    await write(root(2, 2n, { taskId: 't1', ...said }));
    expect(await store.getTask('t1')).toMatchObject({
      executions: 3,
      type: 'travel',
      tags: ['red'],
    });
    await write(root(2, 2n, { taskId: 't2', ...said }, 9n));
    expect(await store.getTask('t1')).toMatchObject({
      executions: 2,
      type: null,
      input: null,
      tags: [],
    });
    expect(await store.getTask('t2')).toMatchObject({ type: 'travel', tags: ['red'] });
  });

  it('makes a task and an execution of a trace with an agent, under the trace id', async () => {
    await write(
      interpreted(
        { spanId: spanId(1), name: 'invoke_agent', startTimeUnixNano: 10n, endTimeUnixNano: 50n },
        {
          role: 'agent',
          agent: { id: 'a1', name: 'planner', version: '2', type: 'react' },
          sessionId: 'session',
          taskType: 'travel',
          taskInput: 'Book me a flight.',
          config: attributes({ window: 'tail' }),
          tags: ['beta'],
        },
      ),
      interpreted(
        {
          spanId: spanId(2),
          parentSpanId: spanId(1),
          startTimeUnixNano: 20n,
          endTimeUnixNano: 60n,
        },
        { role: 'llm', model: 'gpt', inputTokens: 10, outputTokens: 5, costUsd: 0.5 },
      ),
      interpreted(
        {
          spanId: spanId(3),
          parentSpanId: spanId(1),
          startTimeUnixNano: 30n,
          endTimeUnixNano: 40n,
          status: { code: 2, message: null },
        },
        { role: 'tool', tool: 'search', errorType: 'timeout', tags: ['alpha'] },
      ),
    );
    const id = '0af7651916cd43dd8448eb211c80319c';
    expect(await store.getExecution(id)).toEqual({
      id,
      taskId: id,
      attempt: 1,
      replication: 0,
      agent: { id: 'a1', name: 'planner', version: '2', type: 'react' },
      sessionId: 'session',
      config: attributes({ window: 'tail' }),
      status: 'completed',
      startTimeUnixNano: 10n,
      endTimeUnixNano: 60n,
      spans: 3,
      llmCalls: 1,
      toolCalls: 1,
      errors: 1,
      inputTokens: 10,
      outputTokens: 5,
      costUsd: 0.5,
      rewards: {},
      success: null,
      exposures: [],
      tags: ['alpha', 'beta'],
      flags: [],
      closed: false,
    });
    expect(await store.getTask(id)).toEqual({
      id,
      type: 'travel',
      input: 'Book me a flight.',
      status: 'completed',
      agentId: 'a1',
      sessionId: 'session',
      createdAtUnixNano: 10n,
      completedAtUnixNano: 60n,
      executions: 1,
      tags: ['alpha', 'beta'],
      reward: null,
    });
    expect((await store.listTraces({})).items).toEqual([
      {
        traceId: id,
        rootName: 'invoke_agent',
        startTimeUnixNano: 10n,
        endTimeUnixNano: 60n,
        spans: 3,
        errors: 1,
        taskId: id,
        executionId: id,
        agentId: 'a1',
      },
    ]);
    expect(await store.getSpan({ spanId: spanId(3) })).toMatchObject({
      taskId: id,
      executionId: id,
      role: 'tool',
      tool: 'search',
      errorType: 'timeout',
      tags: ['alpha'],
    });
  });

  it('makes nothing of a trace that is no agent’s, nor of a carrier', async () => {
    await write(
      interpreted({ traceId: traceId(1) }),
      interpreted({ traceId: traceId(2) }, { carrier: true, executionId: 'e9', role: 'tool' }),
    );
    expect(await store.getTotals()).toMatchObject({ tasks: 0, executions: 0, spans: 2 });
    // Nobody looks for a trace that holds feedback only.
    expect((await store.listTraces({})).items).toMatchObject([
      { traceId: traceId(1), executionId: null },
    ]);
  });

  it('takes the default execution back when an explicit id comes', async () => {
    await write(interpreted({ spanId: spanId(2), parentSpanId: spanId(1) }, { role: 'llm' }));
    expect(await store.getTotals()).toMatchObject({ tasks: 1, executions: 1 });
    await write(
      interpreted({ spanId: spanId(1) }, { role: 'agent', executionId: 'e', taskId: 't' }),
    );
    expect(await store.getTotals()).toMatchObject({ tasks: 1, executions: 1 });
    expect(await store.getExecution('e')).toMatchObject({ taskId: 't', spans: 2 });
    expect(await store.getExecution('0af7651916cd43dd8448eb211c80319c')).toBeNull();
  });

  it('joins an execution that spans several traces, in whatever batches', async () => {
    await write(interpreted({ traceId: traceId(1) }, { executionId: 'e', role: 'agent' }));
    expect(await store.getExecution('e')).toMatchObject({ spans: 1 });
    await write(interpreted({ traceId: traceId(2) }, { executionId: 'e', role: 'llm' }));
    expect(await store.getExecution('e')).toMatchObject({ spans: 2, llmCalls: 1 });
  });

  it('lets the latest attempt speak for the task, whatever comes late', async () => {
    const attempt = (number: number, error: boolean, end: bigint | null = 20n) =>
      interpreted(
        {
          traceId: traceId(number),
          endTimeUnixNano: end,
          startTimeUnixNano: BigInt(100 - number),
          status: { code: error ? 2 : 0, message: null },
        },
        { role: 'agent', executionId: `e${number}`, taskId: 't', attempt: number },
      );
    await write(attempt(2, false));
    expect((await store.getTask('t'))!.status).toBe('completed');
    await write(attempt(1, true));
    expect(await store.getTask('t')).toMatchObject({ status: 'completed', executions: 2 });
    await write(attempt(3, false, null));
    expect(await store.getTask('t')).toMatchObject({
      status: 'running',
      completedAtUnixNano: null,
    });
  });

  it('moves a judgement of the task to its latest attempt', async () => {
    const attempt = (number: number) =>
      interpreted(
        { traceId: traceId(number) },
        { role: 'agent', executionId: `e${number}`, taskId: 't', attempt: number },
      );
    await write(attempt(1));
    await store.recordReward(makeReward({ target: { kind: 'task', taskId: 't' }, value: 0.75 }));
    expect(await store.getExecution('e1')).toMatchObject({
      rewards: { reward: 0.75 },
      success: true,
    });
    await write(attempt(2));
    expect(await store.getExecution('e2')).toMatchObject({ rewards: { reward: 0.75 } });
    expect(await store.getExecution('e1')).toMatchObject({ rewards: {}, success: null });
    expect((await store.getTask('t'))!.reward).toEqual({ mean: 0.75, executions: 1 });
  });

  it('is made by hand, and spans join it', async () => {
    const task = await store.createTask({
      id: 't',
      type: 'travel',
      input: 'hi',
      agentId: 'a',
      sessionId: 's',
      tags: ['urgent'],
    });
    expect(task).toEqual({
      id: 't',
      type: 'travel',
      input: 'hi',
      status: 'queued',
      agentId: 'a',
      sessionId: 's',
      createdAtUnixNano: 1_000n,
      completedAtUnixNano: null,
      executions: 0,
      tags: ['urgent'],
      reward: null,
    });
    const execution = await store.createExecution({
      taskId: 't',
      attempt: 2,
      replication: 1,
      agent: { id: 'a', version: '7' },
      config: attributes({ ['__proto__']: 'x' }),
      tags: ['first'],
    });
    expect(execution).toMatchObject({
      id: 'made',
      taskId: 't',
      attempt: 2,
      replication: 1,
      agent: { id: 'a', name: null, version: '7', type: null },
      config: attributes({ ['__proto__']: 'x' }),
      status: 'queued',
      startTimeUnixNano: 1_000n,
      spans: 0,
      tags: ['first'],
    });
    await write(
      interpreted({ startTimeUnixNano: 5n, endTimeUnixNano: null }, { executionId: 'made' }),
    );
    expect(await store.getExecution('made')).toMatchObject({
      taskId: 't',
      attempt: 2,
      status: 'running',
      spans: 1,
      startTimeUnixNano: 5n,
    });
    expect(await store.getTask('t')).toMatchObject({
      status: 'running',
      executions: 1,
      tags: ['first', 'urgent'],
    });
  });

  it('says the same again about a task and an execution that exist', async () => {
    await write(interpreted({}, { executionId: 'e', taskId: 't', role: 'agent' }));
    await store.createTask({ id: 't', type: 'later' });
    await store.createExecution({ id: 'e', taskId: 't', attempt: 3 });
    expect(await store.getTask('t')).toMatchObject({ type: 'later', executions: 1 });
    expect(await store.getExecution('e')).toMatchObject({ attempt: 3, spans: 1 });
    expect(await store.createTask({ id: 't', tags: ['x'] })).toMatchObject({
      type: 'later',
      tags: ['x'],
    });
  });

  it('follows the transition table, and what is said by hand beats the spans', async () => {
    await store.createTask({ id: 't' });
    await store.createExecution({ id: 'e', taskId: 't' });
    expect((await store.updateExecution('e', { status: 'running' })).status).toBe('running');
    expect((await store.updateExecution('e', { status: 'failed', tags: ['late'] })).tags).toEqual([
      'late',
    ]);
    await expect(store.updateExecution('e', { status: 'completed' })).rejects.toThrow(
      TransitionError,
    );
    await write(interpreted({}, { executionId: 'e', role: 'agent', taskId: 't' }));
    expect((await store.getExecution('e'))!.status).toBe('failed');
    expect((await store.getTask('t'))!.status).toBe('failed');
    expect((await store.updateTask('t', { status: 'queued', type: 'b', input: 'i' })).status).toBe(
      'queued',
    );
    expect(await store.updateTask('t', { status: 'cancelled', tags: ['done'] })).toMatchObject({
      status: 'cancelled',
      type: 'b',
      input: 'i',
      tags: ['done', 'late'],
    });
    await expect(store.updateTask('t', { status: 'running' })).rejects.toThrow(TransitionError);
    expect((await store.updateTask('t', { status: 'cancelled' })).status).toBe('cancelled');
  });

  it('keeps a changed task without executions', async () => {
    await store.createTask({ id: 't', status: 'running' });
    expect(await store.updateTask('t', { status: 'completed', tags: ['x'] })).toMatchObject({
      status: 'completed',
      tags: ['x'],
      executions: 0,
    });
  });

  it('adds tags to an execution that its spans made', async () => {
    await write(interpreted({}, { role: 'agent', executionId: 'e', tags: ['own'] }));
    expect(await store.updateExecution('e', { tags: ['mine'] })).toMatchObject({
      tags: ['mine', 'own'],
      status: 'completed',
    });
  });

  it('refuses what cannot be', async () => {
    await expect(store.updateTask('no', {})).rejects.toThrow(NotFoundError);
    await expect(store.updateExecution('no', {})).rejects.toThrow(NotFoundError);
    await expect(store.createExecution({ taskId: 'no' })).rejects.toThrow(NotFoundError);
    await store.createTask({ id: 't' });
    await expect(store.createExecution({ taskId: 't', attempt: 0 })).rejects.toThrow(
      'whole attempt',
    );
    await expect(store.createExecution({ taskId: 't', replication: -1 })).rejects.toThrow(
      'replication',
    );
    await expect(store.createTask({ id: '' })).rejects.toThrow('1 to 512');
    await expect(store.createTask({ tags: ['x'.repeat(513)] })).rejects.toThrow('1 to 512');
    expect(await store.getTask('no')).toBeNull();
    expect(await store.getExecution('no')).toBeNull();
  });

  it.each<[Status, Status]>([
    ['failed', 'failed'],
    ['timed_out', 'timed_out'],
  ])('takes the status %s that a span says', async (said, expected) => {
    await write(interpreted({}, { role: 'agent', status: said, executionId: 'e' }));
    expect((await store.getExecution('e'))!.status).toBe(expected);
  });

  it('drops a task whose last execution went to another', async () => {
    await write(
      interpreted(
        { spanId: spanId(2), startTimeUnixNano: 9n },
        { role: 'llm', executionId: 'e', taskId: 'old' },
      ),
    );
    expect(await store.getTask('old')).not.toBeNull();
    await write(
      interpreted(
        { spanId: spanId(1), startTimeUnixNano: 1n },
        { role: 'agent', executionId: 'e', taskId: 'new' },
      ),
    );
    expect(await store.getTask('old')).toBeNull();
    expect(await store.getExecution('e')).toMatchObject({ taskId: 'new' });
  });
}
