import { Database } from 'sqlite3';
import type { SeriesJson } from '../../src/wire';
import { startApi, type TestApi } from '../support/api';

let served: TestApi;

const run = (n: number, start: string, agent: string, model: string): object => ({
  trace_id: n.toString(16).padStart(32, '0'),
  span_id: 'b7ad6b7169203331',
  name: 'chat',
  start_time_unix_nano: `${BigInt(Date.parse(start)) * 1_000_000n}`,
  end_time_unix_nano: `${BigInt(Date.parse(start) + n * 1000) * 1_000_000n}`,
  task_id: `task-${n}`,
  execution_id: `run-${n}`,
  agent_id: agent,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': model,
    'gen_ai.usage.input_tokens': 10 * n,
  },
});

beforeAll(async () => {
  served = await startApi();
  const spans = [
    run(1, '2026-01-31T08:10:00Z', 'a', 'small'),
    run(2, '2026-01-31T08:20:00Z', 'a', 'large'),
    run(3, '2026-01-31T23:59:59Z', 'b', 'small'),
    run(4, '2026-02-01T00:00:00Z', 'a', 'small'),
  ];
  await served.call('POST', '/api/v1/spans/batch', { body: { spans } });
  for (const [n, value] of [1, 0, 1].entries()) {
    await served.call('POST', '/api/v1/rewards', {
      body: { execution_id: `run-${n + 1}`, value },
    });
  }
});

afterAll(() => served.close());

async function series(query: string): Promise<SeriesJson> {
  const answer = await served.call('GET', `/api/v1/metrics?${query}`);
  const body = (await answer.json()) as SeriesJson;
  expect({ status: answer.status, body }).toMatchObject({ status: 200 });
  return body;
}

test('by day, with the Wilson interval, means weighted by runs, and null where nothing is known', async () => {
  const { bucket, since, until, series: found } = await series('');
  expect({ bucket, since, until }).toEqual({ bucket: 'day', since: null, until: null });
  expect(found).toHaveLength(1);
  expect(found[0]!.group).toEqual({});
  const [first, second] = found[0]!.points;
  expect(first).toEqual({
    start: '2026-01-31T00:00:00.000000000Z',
    executions: 3,
    failed: 0,
    judged: 3,
    // Wilson, 2 of 3 (R: binom::binom.wilson(2, 3)).
    success_rate: {
      value: 2 / 3,
      interval: [expect.closeTo(0.2076596, 6) as number, expect.closeTo(0.9385081, 6) as number],
    },
    mean_reward: expect.closeTo(2 / 3, 4) as number,
    mean_latency_ms: expect.closeTo(2000, 6) as number,
    // Nearest rank, of 1, 2 and 3 s.
    latency_ms: { p50: 2000, p95: 3000 },
    cost_usd: null,
    tokens: { input: 60, output: null },
    errors: 0,
  });
  expect(second).toMatchObject({
    start: '2026-02-01T00:00:00.000000000Z',
    executions: 1,
    judged: 0,
    success_rate: null,
    mean_reward: null,
  });
});

test('by hour and group', async () => {
  const { series: found } = await series('bucket=hour&group_by=agent_id,model');
  const counted = found.map(({ group, points }) => [
    group,
    points.map(({ start, executions, latency_ms }) => [
      start.slice(0, 13),
      executions,
      latency_ms?.p95,
    ]),
  ]);
  expect(counted).toEqual([
    [{ agent_id: 'a', model: 'large' }, [['2026-01-31T08', 1, 2000]]],
    [
      { agent_id: 'a', model: 'small' },
      [
        ['2026-01-31T08', 1, 1000],
        ['2026-02-01T00', 1, 4000],
      ],
    ],
    [{ agent_id: 'b', model: 'small' }, [['2026-01-31T23', 1, 3000]]],
  ]);
});

test('a range is widened to whole buckets, and says so', async () => {
  const {
    since,
    until,
    series: found,
  } = await series('since=2026-01-31T12:00:00Z&until=2026-01-31T13:00:00Z&model=small');
  expect([since, until]).toEqual([
    '2026-01-31T00:00:00.000000000Z',
    '2026-02-01T00:00:00.000000000Z',
  ]);
  expect(found[0]!.points.map(({ executions }) => executions)).toEqual([2]);
});

test('more hours than are read at once are all there', async () => {
  const database = new Database(served.databaseFile);
  await new Promise<void>((resolve, reject) =>
    database.exec(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 24999)
       INSERT INTO rollups SELECT (400000 + i / 3) * 3600000000000, 'many', 'type-' || (i % 3), '',
         0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM n`,
      (error) => (error ? reject(error) : resolve()),
    ),
  );
  await new Promise((resolve) => database.close(resolve));
  const { series: found } = await series('bucket=hour&agent=many&group_by=task_type');
  const points = found.flatMap((each) => each.points);
  expect(points.reduce((sum, { executions }) => sum + executions, 0)).toBe(25_000);
  expect(new Set(points.map(({ start }) => start)).size).toBe(8_334);
});
