import type { AgentRow } from '../../src/dashboard/home/describe-agent';
import { attention, describeAgent } from '../../src/dashboard/home/describe-agent';
import type { StatsJson } from '../../src/wire';

type Counts = Pick<AgentRow, 'executions' | 'rewarded' | 'latest_unrewarded'>;

const row = (agentId: string, counts: Counts): AgentRow => ({
  agent_id: agentId,
  time_range: { start_unix_nano: null, end_unix_nano: null },
  success_rate: counts.rewarded === 0 ? null : 0.5,
  success_rate_interval: counts.rewarded === 0 ? null : [0.4, 0.6],
  judged: counts.rewarded,
  mean_reward: null,
  latency_ms: null,
  cost_usd: null,
  tokens: { input: null, output: null },
  errors: 0,
  tools: [],
  latest_runs: counts.executions,
  ...counts,
});

const said = (...agents: AgentRow[]): readonly string[] =>
  attention({
    ...{ tasks: 0, executions: 0, spans: 1, links: 0, rewards: 0, tags: 0 },
    agents,
    jobs: {
      backlog: { traces: 0, executions: 0 },
      failed: { traces: 0, executions: 0 },
      learning_refusal: null,
    } as unknown as StatsJson['jobs'],
  });

test.each<[string, Counts, readonly string[]]>([
  ['all are judged', { executions: 900, rewarded: 900, latest_unrewarded: 0 }, []],
  ['the last are being judged', { executions: 900, rewarded: 890, latest_unrewarded: 4 }, []],
  [
    'the evaluator broke yesterday',
    { executions: 10_000, rewarded: 9_900, latest_unrewarded: 100 },
    ['100 of 10.0k runs of a have no reward, among them the latest 100.'],
  ],
  ['a few are judged, as ever', { executions: 10_000, rewarded: 9_600, latest_unrewarded: 3 }, []],
  [
    'a tenth is judged, and none of the latest by chance',
    { executions: 1_000, rewarded: 100, latest_unrewarded: 15 },
    ['900 of 1,000 runs of a have no reward.'],
  ],
  [
    'none has a reward',
    { executions: 40, rewarded: 0, latest_unrewarded: 40 },
    ['No run of a has a reward: nothing can be learned from 40 runs.'],
  ],
  ['it did not run', { executions: 0, rewarded: 0, latest_unrewarded: 0 }, []],
])('runs without reward: %s', (_what, counts, sentences) => {
  expect(said(row('a', counts))).toEqual(sentences);
});

test('many agents without any reward are one sentence, and do not hide one whose evaluator broke', () => {
  const never = ['a', 'b', 'c', 'd'].map((id) =>
    row(id, { executions: 9, rewarded: 0, latest_unrewarded: 9 }),
  );
  const broke = row('e', { executions: 200, rewarded: 100, latest_unrewarded: 100 });
  expect(said(...never, broke)).toEqual([
    '100 of 200 runs of e have no reward, among them the latest 100.',
    'No run of 4 agents has a reward, a, b, c and others: nothing can be learned from them.',
  ]);
});

test('a success rate says of how many runs it is', () => {
  expect(describeAgent(row('a', { executions: 90, rewarded: 30, latest_unrewarded: 0 }))).toBe(
    'succeeded in 50 % of the 30 judged of 90 runs (95 % interval 40 % to 60 %).',
  );
});
