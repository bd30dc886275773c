import { findDifferences } from '../../../src/learning/questions/differences';
import type { Differences, DifferencesQuery } from '../../../src/model/differences';
import type { ClosedExecution } from '../../../src/model/learning';
import { seededRandom } from '../../../src/stats';
import { makeExecution, toolSteps } from '../../support/make-execution';
import { runSource } from '../../support/run-source';

const compare = (runs: readonly ClosedExecution[], query: DifferencesQuery): Promise<Differences> =>
  findDifferences(runSource(runs), query);

interface World {
  readonly seed: string;
  readonly tasks: number;
  /** Chance that a failed, and a passed, run calls `cancel`. */
  readonly cancels: readonly [number, number];
}

/** Six runs a task; hard tasks fail more often and need `escalate`, which changes nothing. */
function world({ seed, tasks, cancels }: World): ClosedExecution[] {
  const random = seededRandom(seed);
  return Array.from({ length: 6 * tasks }, (_, n) => {
    const task = Math.floor(n / 6);
    const hard = task % 2 === 0;
    const success = random() < (hard ? 0.3 : 0.8);
    const calls = [
      'find',
      ...(random() < (hard ? 0.8 : 0.2) ? ['escalate'] : []),
      ...(random() < cancels[success ? 1 : 0] ? ['cancel'] : []),
    ];
    return makeExecution(n, {
      taskId: `task-${task}`,
      outcome: { reward: success ? 1 : 0 },
      steps: toolSteps(n, calls),
      durationNano: BigInt(Math.round((success ? 1 : 2) * 1e9 + random() * 1e9)),
    });
  });
}

test('failed against passed: what differs within the same task leads, with its sizes', async () => {
  const runs = world({ seed: 'planted', tasks: 60, cancels: [0.6, 0.2] });
  const found = await compare(runs, {});
  expect(found.a.runs + found.b.runs).toBe(360);
  expect(found.within).toEqual(['task', 'agent']);
  const cancel = found.differences.find(({ predicate }) => predicate.text === 'tool:cancel')!;
  expect(cancel.qValue).toBeLessThan(0.001);
  expect(cancel.interval.lower).toBeLessThan(0.4);
  expect(cancel.interval.upper).toBeGreaterThan(0.4);
  expect(cancel.inA - cancel.inB).toBeCloseTo(0.4, 0);
  const slow = found.differences.find(({ predicate }) => predicate.text === 'num:duration_ms')!;
  expect(slow).toMatchObject({ measure: 'mean' });
  expect(slow.difference).toBeGreaterThan(800);
  const escalate = (await compare(runs, { limit: 1_000 })).differences.find(
    ({ predicate }) => predicate.text === 'tool:escalate',
  )!;
  expect(escalate.inA - escalate.inB).toBeGreaterThan(0.15);
  expect(escalate.qValue).toBeGreaterThan(0.05);
});

test('what a filter selects by is not held fixed', async () => {
  const runs = world({ seed: 'b', tasks: 40, cancels: [0.3, 0.3] }).map((run, n) => ({
    ...run,
    agent: { ...run.agent, id: n % 2 === 0 ? 'x' : 'y' },
  }));
  const found = await compare(runs, { a: { agentId: 'x' } });
  expect(found).toMatchObject({ a: { runs: 120 }, b: { runs: 120 }, within: ['task'] });
});

test('without a difference it says so in .9 of 60 worlds', async () => {
  let quiet = 0;
  for (let seed = 0; seed < 60; seed += 1) {
    const runs = world({ seed: `null-${seed}`, tasks: 25, cancels: [0.3, 0.3] }).map((run) => ({
      ...run,
      durationNano: null,
    }));
    const { differences } = await compare(runs, {});
    if (differences.every(({ qValue }) => qValue > 0.05)) quiet += 1;
  }
  expect(quiet).toBeGreaterThanOrEqual(54);
});

test('nothing to compare is said, not computed', async () => {
  expect((await compare([], {})).sentence).toBe('Nothing to compare: 0 runs against 0.');
  const runs = world({ seed: 'c', tasks: 1, cancels: [0.5, 0.5] });
  const found = await compare(runs, { a: { agentId: 'nobody' } });
  expect(found).toMatchObject({ a: { runs: 0 }, differences: [] });
});

test('where every task says the same, the interval was [-100, -100]', async () => {
  const runs = Array.from({ length: 24 }, (_, n) =>
    makeExecution(n, {
      taskId: `task-${Math.floor(n / 2)}`,
      agent: { ...makeExecution(0, {}).agent, id: n % 2 === 0 ? 'x' : 'y' },
      outcome: { reward: n % 2 },
    }),
  );
  const { differences } = await compare(
    // One of another kind, so that the agent does not restate the selection.
    [
      ...runs,
      makeExecution(24, {
        taskId: 'other',
        agent: { ...runs[0]!.agent, id: 'y' },
        outcome: { reward: 0 },
      }),
    ],
    {},
  );
  const agent = differences.find(({ predicate }) => predicate.text === 'agent:x')!;
  expect(agent.difference).toBe(1);
  // Clopper and Pearson for 12 of 12: .7353.
  expect(agent.interval.lower).toBeCloseTo(2 * 0.7353 - 1, 3);
  expect(agent.interval.upper).toBe(1);
});

test('what the filter selects by led the list: its other values', async () => {
  const runs = world({ seed: 'filter', tasks: 30, cancels: [0.3, 0.3] }).map((run, n) => ({
    ...run,
    agent: { ...run.agent, id: ['x', 'y', 'z'][n % 3]! },
  }));
  const named = async (query: DifferencesQuery): Promise<string[]> =>
    (await compare(runs, { ...query, limit: 1_000 })).differences.map(
      ({ predicate: { text } }) => text,
    );
  const names = await named({ a: { agentId: 'x' } });
  expect(names).toContain('tool:escalate');
  expect(names.filter((text) => text.startsWith('agent:'))).toEqual([]);
});
