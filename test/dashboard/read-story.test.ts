import { readStory } from '../../src/dashboard/session/read-story';

type Span = Parameters<typeof readStory>[0][number];

let ids = 0;
const call = (tool: string, start: number, end: number, change: Partial<Span> = {}): Span => ({
  trace_id: 't',
  span_id: String((ids += 1)),
  parent_span_id: null,
  name: tool,
  role: 'tool',
  tool,
  model: null,
  status: { code: 0, message: null },
  error_type: null,
  tool_arguments_hash: null,
  execution_id: 'run',
  start_time_unix_nano: String(1_000_000_000n + BigInt(start) * 1_000_000n),
  end_time_unix_nano: String(1_000_000_000n + BigInt(end) * 1_000_000n),
  input_tokens: null,
  output_tokens: null,
  cost_usd: null,
  ...change,
});
const bad = { status: { code: 2, message: null }, error_type: 'timeout' } as const;

test('errors, loops, retries and waits are noticed before anything else', () => {
  const same = { tool_arguments_hash: 'h' };
  const { noticed, steps } = readStory([
    call('search', 0, 10, bad),
    call('search', 20, 30, bad),
    call('search', 40, 50),
    call('fetch', 5_000, 5_001, same),
    call('fetch', 5_002, 5_003, same),
    call('fetch', 5_004, 5_005, same),
  ]);
  expect(steps).toHaveLength(6);
  expect(noticed.map(({ kind, text, size }) => [kind, text, size])).toEqual([
    ['error', 'search failed 2 times (timeout)', 2],
    ['loop', 'fetch was called 3 times with the same arguments', 3],
    ['retry', 'search was tried again after an error, 2 times', 2],
    ['wait', 'nothing ran until fetch began', 4_950_000_000],
  ]);
});

test('the same arguments in three runs are no loop, and what is unknown costs nothing known', () => {
  const runs = ['a', 'b', 'c'].map((id, at) =>
    call('fetch', at, at + 1, { tool_arguments_hash: 'h', execution_id: id }),
  );
  const model = call('', 10, 30, {
    ...{ role: 'llm', tool: null, model: 'small', input_tokens: 5, output_tokens: 2 },
    cost_usd: 0.5,
  });
  const { noticed, spent } = readStory([...runs, model]);
  expect(noticed).toEqual([]);
  expect(spent).toMatchObject([
    { name: 'small', calls: 1, time: 20_000_000, tokens: 7, cost: 0.5 },
    { name: 'fetch', calls: 3, tokens: null, cost: null },
  ]);
});

test('nothing at all', () => {
  expect(readStory([])).toEqual({ steps: [], noticed: [], spent: [] });
});
