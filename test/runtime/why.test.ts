import { createEvolution, type Evolution } from '../../src/index';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';

let evolution: Evolution;

beforeEach(async () => {
  evolution = await createEvolution({ databaseUrl: 'sqlite::memory:' });
});
afterEach(() => evolution.close());

interface Run {
  readonly calls: readonly string[];
  readonly success: boolean;
  readonly task?: string;
  readonly agent?: string;
}

/** A root and one span a call, `tool#argument`, as run `run-N`. */
async function store(n: number, { calls, success, task = 'refund', agent = 'a' }: Run) {
  const ids = { 'execution.id': `run-${n}`, 'task.id': task, 'agent.id': agent };
  const root = makeSpan({
    traceId: traceId(n),
    spanId: spanId(1),
    attributes: attributes({
      ...ids,
      'task.type': 'support',
      'gen_ai.operation.name': 'invoke_agent',
      'execution.success': success,
    }),
  });
  const children = calls.map((call, i) => {
    const [tool, argument] = call.split('#');
    return makeSpan({
      traceId: traceId(n),
      spanId: spanId(i + 2),
      parentSpanId: spanId(1),
      startTimeUnixNano: root.startTimeUnixNano + BigInt(i + 1),
      attributes: attributes({
        ...ids,
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': tool!,
        'gen_ai.tool.call.arguments': `{"order":"${argument}"}`,
      }),
    });
  });
  await evolution.store.recordSpanBatch([root, ...children]);
}

const failed: Run = { calls: ['find#1', 'cancel#1'], success: false };
const passed: Run = { calls: ['find#1', 'check#1', 'refund#1'], success: true };

test('prefers runs of the same task by the same agent, then of the task, then of the type', async () => {
  const { learner } = evolution;
  await store(9, failed);
  const alone = await learner.why('run-9');
  expect(alone).toMatchObject({ comparedWith: null, siblings: 0, divergence: null });
  expect(alone.sentence).toMatch(/^Nothing to compare with/);
  await store(1, { ...passed, task: 'other' });
  expect(await learner.why('run-9')).toMatchObject({ comparedWith: 'task_type', siblings: 1 });
  await store(2, { ...passed, agent: 'b' });
  expect(await learner.why('run-9')).toMatchObject({ comparedWith: 'task', siblings: 1 });
  await store(3, passed);
  await store(4, failed);
  const report = await learner.why('run-9');
  expect(report).toMatchObject({ comparedWith: 'task_and_agent', siblingIds: ['run-3'] });
});

test('says where they part, by the stored calls and argument hashes, and that it is no cause', async () => {
  await store(9, failed);
  await store(1, passed);
  await store(2, passed);
  const { divergence, sentence, success } = await evolution.learner.why('run-9');
  expect(success).toBe(false);
  expect(divergence).toMatchObject({ position: 1, kind: 'other_call' });
  expect(divergence!.step).toMatchObject({ traceId: traceId(9), spanId: spanId(3) });
  expect(sentence).toContain('the run calls cancel, where the successes call check (call 2)');
  expect(sentence).toContain('does not show that it is the cause');
});

test('the same tool with other arguments is seen through the redaction', async () => {
  await store(9, { ...passed, calls: ['find#1', 'check#2', 'refund#1'], success: false });
  await store(1, passed);
  const { divergence } = await evolution.learner.why('run-9');
  expect(divergence).toMatchObject({ position: 1, kind: 'other_arguments' });
});

test('a run that is unknown is said to be', async () => {
  await expect(evolution.learner.why('nobody')).rejects.toThrow(/nobody/);
});
