import { compareRuns, foldTask, type TaskRun } from '../../../src/store/derive/fold-task';
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

describe('foldTask', () => {
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
    const folded = foldTask([
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
    ]);
    expect(folded).toEqual({
      type: 'travel',
      input: 'hi',
      status: 'running',
      agentId: 'second',
      sessionId: null,
      createdAtUnixNano: 5n,
      completedAtUnixNano: null,
      executions: 2,
      tags: ['a', 'b'],
      rewardMean: 0.75,
      rewardExecutions: 2,
    });
    expect(foldTask([run()])).toMatchObject({ completedAtUnixNano: 20n, rewardMean: null });
  });
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
