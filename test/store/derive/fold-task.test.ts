import fc from 'fast-check';
import { taskRow } from '../../../src/store/derive/apply-tasks';
import { compareRuns, type TaskRun } from '../../../src/store/derive/task-run';
import { changeTask, type RunChange, stateOfRuns } from '../../../src/store/derive/task-state';
import { checkTransition, isFinal } from '../../../src/store/derive/transitions';
import type { Status } from '../../../src/model/status';

const run = (change: Partial<TaskRun> = {}): TaskRun => ({
  executionId: 'e',
  attempt: 1,
  replication: 0,
  startTimeUnixNano: 10n,
  endTimeUnixNano: 20n,
  status: 'completed',
  agentId: 'a',
  sessionId: null,
  taskType: null,
  taskInput: null,
  tags: [],
  reward: null,
  ...change,
});

/** More than a task shows, of two runs whose tags overlap. */
const manyTags = (from: number): string[] =>
  Array.from({ length: 200 }, (_, i) => `t${String(from + i).padStart(3, '0')}`);

describe('the state of a task', () => {
  it('orders runs by attempt, replication, start and id', () => {
    const runs = [
      run({ executionId: 'a' }),
      run({ executionId: 'b' }),
      run({ executionId: 'a', startTimeUnixNano: 11n }),
      run({ executionId: 'a', replication: 1 }),
      run({ executionId: 'a', attempt: 2 }),
    ];
    expect([...runs].reverse().sort(compareRuns)).toEqual(runs);
    expect([...runs.slice(1), runs[0]!].sort(compareRuns)).toEqual(runs);
    expect(compareRuns(runs[0]!, runs[0]!)).toBe(0);
  });

  it('lets the latest run speak, and the first for what it alone says', () => {
    const row = taskRow(
      't',
      null,
      stateOfRuns([
        run({
          attempt: 2,
          status: 'running',
          agentId: 'second',
          endTimeUnixNano: null,
          reward: 0.5,
          tags: ['b'],
        }),
        run({
          startTimeUnixNano: 5n,
          taskType: 'travel',
          taskInput: 'hi',
          reward: 1,
          tags: ['a', 'b'],
        }),
      ]),
    );
    expect(row).toMatchObject({
      type: 'travel',
      input: 'hi',
      status: 'running',
      agent_id: 'second',
      session_id: null,
      created_at: '5',
      completed_at: null,
      executions: 2,
      tags: '["a","b"]',
      reward_mean: 0.75,
      reward_executions: 2,
    });
    expect(taskRow('t', null, stateOfRuns([run()]))).toMatchObject({
      completed_at: '20',
      reward_mean: null,
    });
  });

  it('follows any changes of its runs, and says what it cannot know without the others', () => {
    const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
    const someRun = fc.record({
      attempt: pick(1, 2, 3),
      replication: pick(0, 1),
      startTimeUnixNano: pick(1n, 2n, 3n),
      status: pick<Status>('running', 'completed', 'failed'),
      taskType: fc.option(pick('x', 'y')),
      taskInput: fc.option(pick('x', 'y')),
      tags: fc.oneof(
        { weight: 15, arbitrary: fc.subarray(['blue', 'red']) },
        pick(0, 100, 150).map(manyTags),
      ),
      reward: fc.option(pick(0, 0.25, 1)),
    });
    const step = fc.array(
      fc.record({ id: pick('a', 'b', 'c', 'd'), now: fc.option(someRun, { freq: 3 }) }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const runs = new Map<string, TaskRun>();
        let state: ReturnType<typeof stateOfRuns> = null;
        for (const changes of steps) {
          const byId = new Map(changes.map((change) => [change.id, change]));
          const given = [...byId.values()].map(({ id, now }): RunChange => {
            const before = runs.get(id) ?? null;
            const after = now && run({ ...now, executionId: id });
            if (after) runs.set(id, after);
            else runs.delete(id);
            return { before, after };
          });
          const changed = changeTask(
            state,
            given.filter(({ before, after }) => before ?? after),
          );
          const expected = stateOfRuns([...runs.values()]);
          expect(changed === null).toBe(expected === null);
          const hadMore = state?.moreTags;
          state = expected;
          if (!changed || !expected) continue;
          if (hadMore !== true) expect(changed.unknown.has('tags')).toBe(false);
          for (const word of Object.keys(expected) as (keyof typeof expected)[]) {
            // The holders that are said to be unknown are looked up; the rest is exact.
            if (changed.unknown.has(word as never)) continue;
            // Whether a tag that is not shown is the last of its kind nobody knows.
            if (word === 'moreTags' && changed.state.moreTags) continue;
            expect({ [word]: changed.state[word] }).toEqual({ [word]: expected[word] });
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

it('a tag that leaves one of many runs is counted, and no other run is read', () => {
  const all = Array.from({ length: 1_000 }, (_, i) =>
    run({ executionId: `e${i}`, attempt: i + 1, tags: i < 2 ? ['red', 'blue'] : ['blue'] }),
  );
  const without = (i: number): RunChange => ({
    before: all[i]!,
    after: { ...all[i]!, tags: ['blue'] },
  });
  const one = changeTask(stateOfRuns(all), [without(0)])!;
  expect([...one.unknown]).toEqual([]);
  expect(one.state.tags).toEqual([
    ['blue', 1_000],
    ['red', 1],
  ]);
  const none = changeTask(one.state, [without(1)])!;
  expect([...none.unknown]).toEqual([]);
  expect(none.state.tags).toEqual([['blue', 1_000]]);
});

describe('checkTransition', () => {
  const statuses: Status[] = ['queued', 'running', 'completed', 'failed', 'timed_out', 'cancelled'];
  const moves = (kind: 'task' | 'execution'): string[] =>
    statuses.flatMap((from) =>
      statuses.flatMap((to) => {
        try {
          checkTransition(kind, from, to);
          return from === to ? [] : [`${from} ${to}`];
        } catch {
          return [];
        }
      }),
    );

  it('allows these moves and no others', () => {
    expect(moves('execution')).toEqual([
      'queued running',
      'queued completed',
      'queued failed',
      'queued timed_out',
      'queued cancelled',
      'running completed',
      'running failed',
      'running timed_out',
      'running cancelled',
      'timed_out completed',
      'timed_out failed',
    ]);
    expect(moves('task')).toEqual([
      'queued running',
      'queued completed',
      'queued failed',
      'queued timed_out',
      'queued cancelled',
      'running queued',
      'running completed',
      'running failed',
      'running timed_out',
      'running cancelled',
      'failed queued',
      'failed running',
      'timed_out queued',
      'timed_out running',
      'timed_out completed',
      'timed_out failed',
      'timed_out cancelled',
    ]);
  });

  it('says what is possible', () => {
    expect(() => checkTransition('task', 'failed', 'completed')).toThrow(
      expect.objectContaining({
        code: 'illegal_transition',
        hint: 'Possible: queued, running.',
      }) as Error,
    );
    expect(() => checkTransition('execution', 'failed', 'running')).toThrow(
      expect.objectContaining({ hint: 'Its status is final.' }) as Error,
    );
    expect(statuses.filter(isFinal)).toEqual(['completed', 'failed', 'timed_out', 'cancelled']);
  });
});
