import { readRuns, spansOf } from './read-runs';

const run = (change: object = {}) => ({
  task_id: 0,
  trial: 0,
  reward: 1,
  info: {},
  traj: [
    { role: 'system', content: '# Airline agent policy\nBe kind.' },
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hi' },
  ],
  ...change,
});
const file = (...runs: object[]): string => JSON.stringify(runs);
const read = (text: string, name: string) => readRuns(text, { name, format: 'tau-bench' });

describe('tau-bench: the agent of a file', () => {
  const agentOf = async (name: string): Promise<unknown> =>
    (await read(file(run()), name))[0]?.spans[0]?.resource.attributes['agent.id'];

  it.each([
    ['gpt-4o-airline.json', 'gpt-4o'],
    ['sonnet-35-new-airline.json.gz', 'sonnet-35-new'],
    [
      'tool-calling-gpt-4o-0.0_range_0--1_user-gpt-4o-llm_0522101010.json',
      'tool-calling-gpt-4o-0.0',
    ],
    ['react-gpt-4o-mini-0.0_range_0-25_user-gpt-4o-llm_0522101011.json', 'react-gpt-4o-mini-0.0'],
    ['results_a.json', 'results_a'],
    ['results_b.json', 'results_b'],
    ['stdin', undefined],
  ])('of %s is %s', async (name, agent) => {
    expect(await agentOf(name)).toBe(agent);
  });
});

test('wrong today 8: two files of one scheme were one agent that did each task twice', async () => {
  const said = async (name: string) => {
    const [imported] = await read(file(run({ reward: name === 'results_a.json' ? 1 : 0 })), name);
    const { resource, attributes } = imported?.spans[0] ?? {};
    const { 'task.id': task, 'execution.id': id } = attributes ?? {};
    return { agent: resource?.attributes['agent.id'], task, id };
  };
  const [a, b] = [await said('results_a.json'), await said('results_b.json')];
  expect([a.agent, b.agent]).toEqual(['results_a', 'results_b']);
  expect(a.task).toBe(b.task);
  expect(a.id).not.toBe(b.id);
});

describe('wrong today 8: tau-bench, a run that ended by an exception was "completed"', () => {
  const failed = run({
    task_id: 1,
    reward: 0,
    traj: [],
    info: {
      error: 'Rate limit reached\nfor gpt-4o',
      traceback:
        'Traceback (most recent call last):\n  File "run.py", line 70, in _run\n    raise\nopenai.RateLimitError: Rate limit reached\n',
    },
  });

  it('is failed, with its type and the first line of its message', async () => {
    const [, imported] = await read(file(run(), failed), 'gpt-4o-airline.json');
    const [root] = imported?.spans ?? [];
    expect(root).toMatchObject({
      status: { code: 2, message: 'Rate limit reached' },
      attributes: {
        'task.id': 'tau-bench:airline:1',
        'execution.status': 'failed',
        'error.type': 'RateLimitError',
      },
    });
    expect(imported?.rewards).toMatchObject([{ value: 0 }]);
  });

  it('stands in the environment of its neighbours, though it has no messages', async () => {
    const runs = await read(file(run(), failed), 'tool-calling-x-0.0_range_0--1_user-y_01.json');
    expect(spansOf(runs).map((span) => span.attributes['task.id'])).toContain(
      'tau-bench:airline:1',
    );
  });

  it('beside runs that completed', async () => {
    const [first] = await read(file(run()), 'gpt-4o-airline.json');
    expect(first?.spans[0]?.attributes['execution.status']).toBe('completed');
  });
});

describe('rewards that are no score', () => {
  it.each([
    [5, 5, 'outside 0 to 1'],
    [-3, -3, 'outside 0 to 1'],
    [1e308, 1e308, 'outside 0 to 1'],
    ['1e999', null, 'not a finite number'],
    ['"NaN"', null, 'not a finite number'],
    ['true', null, 'not a finite number'],
  ])('%s: the raw value %s is kept, %s is said', async (reward, raw, reason) => {
    const text = JSON.stringify([run()]).replace('"reward":1', `"reward":${reward}`);
    const [imported] = await read(text, 'gpt-4o-airline.json');
    expect(imported?.spans.length).toBeGreaterThan(0);
    expect(imported?.rewards.map(({ value, rawValue }) => [value, rawValue])).toEqual(
      raw === null ? [] : [[null, raw]],
    );
    expect(imported?.refused).toEqual([
      { reason: imported?.refused[0]?.reason, where: 'line 1, [0]' },
    ]);
    expect(imported?.refused[0]?.reason).toContain(reason);
  });

  it('none is no refusal', async () => {
    const [imported] = await read(file(run({ reward: null })), 'gpt-4o-airline.json');
    expect(imported).toMatchObject({ rewards: [], refused: [] });
  });

  it('the literal NaN costs its run, says so, and spares the neighbour', async () => {
    const text = file(run(), run({ task_id: 1 })).replace('"reward":1', '"reward":NaN');
    const runs = await read(text, 'gpt-4o-airline.json');
    expect(spansOf(runs).map((span) => span.attributes['task.id'])).toContain(
      'tau-bench:airline:1',
    );
    expect(runs.flatMap(({ refused }) => refused)).toHaveLength(1);
  });
});
