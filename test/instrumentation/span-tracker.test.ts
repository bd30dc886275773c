import { setTimeout as wait } from 'node:timers/promises';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { ConfigError, InputError } from '../../src/errors';
import { createSpanTracker } from '../../src/instrumentation';
import { recordSpans, useAsyncContext } from './record-spans';

useAsyncContext();

describe('executions', () => {
  test('the root span says what ran: agent, config, propensities, task', async () => {
    const { tracker, otelTracer, span } = recordSpans();
    const answer = await tracker.withTask(
      { id: 't1', type: 'question', sessionId: 's1', input: 'what?', tags: ['from task'] },
      () =>
        tracker.withExecution(
          {
            id: 'e1',
            attempt: 1,
            replication: 2,
            agent: { id: 'a1', name: 'Ada', version: '7', type: 'reader' },
            config: { window: 'tail', depth: 3 },
            propensities: { window: 0.5 },
            tags: ['own'],
          },
          async (root) => {
            root.setAttribute('execution.success', true);
            await wait(1);
            otelTracer.startSpan('third party').end();
            return 42;
          },
        ),
    );
    expect(answer).toBe(42);

    const root = await span('invoke_agent Ada');
    const said = Object.entries(root.attributes).filter(
      ([key]) => !key.startsWith('evolution.seq.'),
    );
    expect(Object.fromEntries(said)).toEqual({
      'task.id': 't1',
      'task.type': 'question',
      'gen_ai.conversation.id': 's1',
      'execution.id': 'e1',
      'execution.attempt': 1,
      'execution.replication': 2,
      'execution.success': true,
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.id': 'a1',
      'gen_ai.agent.name': 'Ada',
      'gen_ai.agent.version': '7',
      'agent.id': 'a1',
      'agent.version': '7',
      'agent.type': 'reader',
      'agent.config': '{"window":"tail","depth":3}',
      'evolution.propensity.window': 0.5,
      'evolution.tags': ['from task', 'own'],
    });
    const child = await span('third party');
    expect(child.parentSpanId).toBe(root.spanId);
    expect(child.attributes['execution.id']).toBe('e1'); // stamped by the processor
  });

  test('100 concurrent tasks never mix', async () => {
    const { tracker, otelTracer, spans } = recordSpans();
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        tracker.withTask({ id: `task ${n}` }, () =>
          tracker.withExecution({ id: `run ${n}` }, async () => {
            for (let step = 0; step < 5; step += 1) {
              await wait((n * 7 + step * 13) % 5);
              expect(tracker.currentTask()?.id).toBe(`task ${n}`);
              tracker.startSpan({ name: `tracked ${n}` }).end();
              otelTracer.startSpan(`foreign ${n}`).end();
            }
          }),
        ),
      ),
    );
    const all = await spans();
    expect(all).toHaveLength(100 * 11);
    const roots = new Map(all.filter((s) => s.parentSpanId === null).map((s) => [s.spanId, s]));
    for (const { name, attributes, parentSpanId } of all) {
      const root = parentSpanId === null ? null : roots.get(parentSpanId);
      const n = name.split(' ')[1];
      if (root !== null) expect(root?.attributes['task.id']).toBe(`task ${n}`);
      else continue;
      expect(attributes['task.id']).toBe(`task ${n}`);
      expect(attributes['execution.id']).toBe(`run ${n}`);
    }
  });

  test('retries of one task: a run after failed ones is the next attempt', async () => {
    const { tracker, spans } = recordSpans();
    const failure = new Error('first try');
    await tracker.withTask({ id: 't' }, async () => {
      const first = tracker.withExecution(async () => {
        await wait(1);
        throw failure;
      });
      await expect(first).rejects.toBe(failure);
      expect(tracker.withExecution(() => 'second try')).toBe('second try');
      tracker.withExecution(() => 'why a third?');
      tracker.withExecution({ attempt: 1, replication: 1 }, () => 'as said');
    });
    const numbers = (await spans()).map(({ attributes: a }) => [
      a['task.id'],
      a['execution.attempt'],
      a['execution.replication'],
      a['evolution.attempts_unknown'] ?? false,
    ]);
    expect(numbers).toEqual([
      ['t', 1, 0, false],
      ['t', 2, 0, false],
      ['t', 3, 0, true],
      ['t', 1, 1, false],
    ]);
  });

  test('a retry by calling withTask again is the next attempt', async () => {
    const { tracker, spans } = recordSpans();
    const attempt = (work: () => unknown): unknown =>
      tracker.withTask({ id: 'ticket' }, () => tracker.withExecution(work));
    const failure = new Error('first try');
    expect(() =>
      attempt(() => {
        throw failure;
      }),
    ).toThrow(failure);
    attempt(() => 'second try');
    tracker.withTask({ id: 'another' }, () => tracker.withExecution(() => 1));
    const numbers = (await spans()).map(({ attributes: a }) => [
      ...[a['task.id'], a['execution.attempt'], a['evolution.attempts_unknown'] ?? false],
    ]);
    expect(numbers).toEqual([
      ['ticket', 1, false],
      ['ticket', 2, false],
      ['another', 1, false],
    ]);
  });

  test('a retry in another process is numbered on, as soon as the store has said so', async () => {
    const asked: string[] = [];
    const { tracker, spans } = recordSpans({
      findPriorRuns(taskId) {
        asked.push(taskId);
        return Promise.resolve(taskId === 'ticket' ? { started: 2, failed: 2 } : failing());
      },
    });
    const failing = (): never => {
      throw new Error('the store is away');
    };
    const attempt = (id: string): Promise<unknown> =>
      tracker.withTask({ id }, () => tracker.withExecution(() => wait(5)));
    await attempt('ticket');
    await attempt('ticket');
    await attempt('unknown');
    await attempt('not asked for'); // a store that fails is left alone for a while
    await tracker.withTask('no id of its own', () => tracker.withExecution(() => wait(1)));
    const numbers = (await spans()).map(({ attributes: a }) => [
      ...[a['execution.attempt'], a['evolution.attempts_unknown'] ?? false],
    ]);
    expect(numbers).toEqual([
      [3, false],
      [4, true], // after one that did not fail
      [1, false],
      [1, false],
      [1, false],
    ]);
    expect(asked).toEqual(['ticket', 'unknown']);
  });

  test('a task may belong to a group of tasks that do not count as independent', async () => {
    const { tracker, span } = recordSpans();
    tracker.withTask({ group: 'document 7' }, () => tracker.withExecution(() => 1));
    expect((await span('invoke_agent')).attributes['task.group']).toBe('document 7');
  });

  test("children carry their root's agent, not the service's name", async () => {
    const { tracker, otelTracer, span } = recordSpans();
    tracker.withExecution({ agent: { id: 'support', name: 'Support' } }, () => {
      otelTracer.startSpan('chat gpt').end();
      tracker.track('inside', () => tracker.startSpan({ name: 'deeper' }).end());
    });
    for (const name of ['chat gpt', 'inside', 'deeper']) {
      const { attributes } = await span(name);
      expect(attributes).toMatchObject({
        'gen_ai.agent.id': 'support',
        'gen_ai.agent.name': 'Support',
      });
    }
  });

  test('a root is called by the id of an agent that has no name', async () => {
    const { tracker, span } = recordSpans();
    tracker.withExecution({ agent: { id: 'a-7' } }, () => 1);
    expect((await span('invoke_agent a-7')).attributes['gen_ai.agent.id']).toBe('a-7');
  });

  test('outside of any task an execution is at a task of its own', async () => {
    const { tracker, spans } = recordSpans();
    tracker.withExecution(() => 1);
    tracker.withExecution(() => 2);
    const [first, second] = await spans();
    expect(first?.attributes['task.id']).toMatch(/^[\da-f-]{36}$/);
    expect(second?.attributes['task.id']).not.toBe(first?.attributes['task.id']);
    expect(first?.attributes['execution.attempt']).toBe(1);
  });

  test('in a process that continues a task the number of a further run is unknown', async () => {
    const { tracker, span } = recordSpans();
    const baggage = propagation.createBaggage({ 'evolution.task.id': { value: 'far' } });
    context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () =>
      tracker.withExecution(() => 1),
    );
    expect((await span('invoke_agent')).attributes).toMatchObject({
      'task.id': 'far',
      'evolution.attempts_unknown': true,
    });
  });

  test('an error is recorded, and thrown on with its identity', async () => {
    const { tracker, span } = recordSpans();
    class PaymentError extends Error {
      override readonly name = 'PaymentError';
    }
    const error = new PaymentError('no money');
    expect(() =>
      tracker.withExecution({ name: 'sync' }, () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(
      tracker.withExecution({ name: 'async' }, () => Promise.reject(error)),
    ).rejects.toBe(error);
    for (const name of ['sync', 'async']) {
      const failed = await span(name);
      expect(failed.status).toEqual({ code: 2, message: 'no money' });
      expect(failed.attributes['error.type']).toBe('PaymentError');
      expect(failed.events[0]?.attributes['exception.type']).toBe('PaymentError');
    }
  });

  test('whatever is thrown: no message can break the recording', async () => {
    const { tracker, spans } = recordSpans();
    const hostile = {
      get message(): string {
        throw new Error('from the getter');
      },
    };
    for (const thrown of ['text', undefined, null, 7, hostile]) {
      let caught: unknown = 'nothing';
      try {
        tracker.withExecution(() => {
          throw thrown as Error;
        });
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(thrown);
    }
    const codes = (await spans()).map((span) => span.attributes['error.type']);
    expect(codes).toEqual(['string', 'undefined', 'object', 'number', undefined]);
  });

  test('the task input is written only where content is captured', async () => {
    for (const captureContent of [false, true]) {
      const { tracker, span } = recordSpans({ captureContent });
      tracker.withTask('what is it?', () => tracker.withExecution(() => 1));
      const { attributes } = await span('invoke_agent');
      expect(attributes['task.input']).toBe(captureContent ? 'what is it?' : undefined);
    }
  });

  test.each([
    [{ attempt: 0 }],
    [{ attempt: 1.5 }],
    [{ replication: -1 }],
    [{ propensities: { window: 0 } }],
    [{ propensities: { window: NaN } }],
    [{ config: { big: 1n } }],
  ])('input that makes no sense is refused: %p', (input) => {
    const { tracker } = recordSpans();
    const fn = jest.fn<void, []>();
    expect(() => tracker.withExecution(input, fn)).toThrow(InputError);
    expect(() => tracker.withExecution(undefined as never)).toThrow(InputError);
    expect(fn).not.toHaveBeenCalled();
  });
});

describe('spans', () => {
  test('carry tags and links, and nest by context', async () => {
    const { tracker, span } = recordSpans();
    const other = tracker.startSpan({ name: 'other' });
    other.end();
    tracker.track({ name: 'outer', tags: ['a'] }, (outer) => {
      const inner = tracker.startSpan({
        name: 'inner',
        attributes: { k: 'v' },
        tags: ['x'],
        links: [{ span: other, type: 'follows', attributes: { why: 'test' } }],
      });
      inner.setTag('y').setTag('x').addLink(outer.spanContext()).setAttributes({ n: 1 });
      tracker.updateSpan(inner, { updated: true });
      inner.end();
    });
    const outer = await span('outer');
    const inner = await span('inner');
    expect(outer.attributes['evolution.tags']).toEqual(['a']);
    expect(inner.parentSpanId).toBe(outer.spanId);
    expect({ ...inner.attributes }).toEqual({
      k: 'v',
      n: 1,
      updated: true,
      'evolution.tags': ['x', 'y'],
    });
    expect(inner.links.map((link) => [link.spanId, { ...link.attributes }])).toEqual([
      [other.spanContext().spanId, { why: 'test', 'link.type': 'follows' }],
      [outer.spanId, { 'link.type': 'related' }],
    ]);
    expect(() => other.addLink({ traceId: 'x', spanId: 'y' })).toThrow(InputError);
  });

  test('without any SDK everything runs and nothing is recorded', async () => {
    trace.disable();
    const tracker = createSpanTracker();
    const span = tracker.startSpan({ name: 's' });
    span.end();
    expect(tracker.withTask('t', () => tracker.withExecution(() => 'ran'))).toBe('ran');
    await expect(tracker.linkReward(span, { value: 1 })).rejects.toThrow('is not recorded');
  });
});

describe('learning in the background', () => {
  test('is asked for often and runs once, after the present turn', async () => {
    const learn = jest.fn(() => wait(5));
    const { tracker } = recordSpans({ learn });
    tracker.learnSoon();
    tracker.learnSoon();
    expect(learn).not.toHaveBeenCalled();
    await tracker.background.settled();
    expect(learn).toHaveBeenCalledTimes(1);
    tracker.learnSoon();
    await tracker.background.settled();
    expect(learn).toHaveBeenCalledTimes(2);
  });

  test('never two rounds at once, and an error goes no further', async () => {
    let running = 0;
    let rounds = 0;
    const { tracker } = recordSpans({
      learn: async () => {
        running += 1;
        rounds += 1;
        expect(running).toBe(1);
        await wait(10);
        running -= 1;
        throw new ConfigError('broken learner');
      },
    });
    tracker.learnSoon();
    await wait(5);
    tracker.learnSoon();
    await tracker.background.settled();
    expect(rounds).toBe(2);
  });

  test('without a learner asking is harmless', async () => {
    const { tracker } = recordSpans();
    tracker.learnSoon();
    await expect(tracker.background.settled()).resolves.toBeUndefined();
  });
});
