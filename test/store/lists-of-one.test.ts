import { createHarness, interpreted } from './contract/harness';
import { watchStatements } from './statement-plans';
import { spanId, traceId } from '../support/make-span';

const harness = createHarness('sqlite');
afterAll(() => harness.dispose());

const ids = { traceId: traceId(1), executionId: 'run 1', sessionId: 'session 1' } as const;

it('the runs of one trace were looked for among all: what belongs to one trace, execution or session is found by its index', async () => {
  const url = harness.newUrl();
  const store = await harness.openAt(url);
  const run = (n: number) =>
    interpreted(
      { traceId: traceId(n), spanId: spanId(1) },
      { role: 'agent', taskId: `task ${n}`, executionId: `run ${n}`, sessionId: `session ${n}` },
    );
  await store.write({ spans: [1, 2, 3].map(run), rewards: [] });
  const { seen, stop } = watchStatements('sqlite');
  for (const [name, id] of Object.entries(ids)) {
    const query = { [name]: id, limit: 2 };
    expect((await store.listTasks(query)).items.map((task) => task.id)).toEqual(['task 1']);
    expect((await store.listExecutions(query)).items.map((one) => one.id)).toEqual(['run 1']);
    expect((await store.listTraces(query)).items.map((one) => one.traceId)).toEqual([traceId(1)]);
    expect((await store.querySpans(query)).items.map((span) => span.taskId)).toEqual(['task 1']);
  }
  stop();
  const connection = await harness.connect(url);
  const lists = [...seen].filter(
    (sql) => / ORDER BY .* LIMIT /.test(sql) && / AS (t|e|k|s) /.test(sql),
  );
  expect(lists).toHaveLength(12);
  for (const sql of lists) {
    const [first] = await connection.raw<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN ${sql.replaceAll('?', 'NULL')}`,
    );
    expect([first!.detail, sql]).toEqual([expect.stringMatching(/^SEARCH /), sql]);
  }
});
