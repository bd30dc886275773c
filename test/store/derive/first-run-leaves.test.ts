import { createHarness, interpreted } from '../contract/harness';
import { watchStatements } from '../statement-plans';
import { spanId, traceId } from '../../support/make-span';

const harness = createHarness('sqlite');
afterAll(() => harness.dispose());

/** One of one task; the first is the only one with a type, an input and a session. */
const run = (number: number) =>
  interpreted(
    {
      traceId: traceId(number),
      spanId: spanId(1),
      startTimeUnixNano: BigInt(number),
      endTimeUnixNano: BigInt(number) + 1n,
    },
    {
      ...{ role: 'agent', taskId: 'hot', executionId: `run ${number}` },
      ...(number === 1 && { taskType: 'travel', taskInput: 'Book a flight.', sessionId: 'gone' }),
    },
  );

it('when the first run of a task left, its other runs were all read: each look goes along an index that begins with the answer', async () => {
  const { seen, stop } = watchStatements('sqlite');
  const url = harness.newUrl();
  const store = await harness.openAt(url);
  await store.write({ spans: [3, 1, 2].map(run), rewards: [] });
  expect(await store.getTask('hot')).toMatchObject({ type: 'travel', createdAtUnixNano: 1n });
  await store.remove({ sessionId: 'gone' });
  stop();
  const task = { type: null, input: null, createdAtUnixNano: 2n, executions: 2 };
  expect(await store.getTask('hot')).toMatchObject(task);

  const connection = await harness.connect(url);
  const ways: Record<string, string> = {};
  for (const sql of seen) {
    const look = /FROM executions AS e WHERE e\.task_key = \? (.*?) ?AND NOT .* (ORDER BY .*)/.exec(
      sql,
    );
    if (look === null) continue;
    const plan = await connection.raw<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN ${sql.replaceAll('?', 'NULL')}`,
    );
    expect(plan.map(({ detail }) => detail)).not.toContain('USE TEMP B-TREE FOR ORDER BY');
    ways[`${look[1]} ${look[2]}`] = plan[0]!.detail;
  }
  expect(Object.values(ways).sort()).toEqual(
    ['executions_task_input', 'executions_task_start', 'executions_task_type'].map(
      (index) => `SEARCH e USING INDEX ${index} (task_key=?)`,
    ),
  );
});
