import { checkRegression, compareStored } from '../../src/experiments';
import type { ClosedExecution } from '../../src/model/learning';
import { makeExecution } from '../support/make-execution';

/** Sixty runs, of which a share fails, each of its own task. */
function runs(from: number, failed: number, seconds: number): ClosedExecution[] {
  return Array.from({ length: 60 }, (_, i) =>
    makeExecution(from + i, {
      taskId: `task-${from + i}`,
      status: i < 60 * failed ? 'failed' : 'completed',
      durationNano: BigInt(1e9 * seconds + 1e8 * (i % 7)),
      outcome: { reward: 1 },
    }),
  );
}

const [calm, failing] = [runs(0, 0.1, 2), runs(100, 0.6, 2)];
const slow = runs(200, 0.1, 4);

describe('more errors are a regression, fewer are none', () => {
  test('for the gate', () => {
    const worse = checkRegression(calm, failing, { metric: 'errors' });
    expect(worse).toMatchObject({ verdict: 'regression' });
    expect(worse.estimate).toBeCloseTo(0.5, 12);
    expect(worse.reason).toMatch(/^errors rose by more than 3\.0 points: 50\.0 points \[/);
    const better = checkRegression(failing, calm, { metric: 'errors' });
    expect(better).toMatchObject({ verdict: 'excluded' });
    expect(better.estimate).toBeCloseTo(-0.5, 12);
    const same = checkRegression(calm, slow, { metric: 'errors' });
    expect(same).toMatchObject({ verdict: 'none_shown', estimate: 0 });
    expect(same.moreTasksNeeded).toBeGreaterThan(100);
  });

  test('for stored comparisons, of errors and of time', () => {
    expect(compareStored(calm, failing, { metric: 'errors' })).toMatchObject({
      decision: 'keep_control',
      winner: 'control',
    });
    expect(compareStored(failing, calm, { metric: 'errors' })).toMatchObject({ decision: 'ship' });
    const slower = compareStored(calm, slow, { metric: 'latency' });
    expect(slower.decision).toBe('keep_control');
    expect(slower.reason).toMatch(/^treatment goes with more latency: 2\.00e\+3 \[/);
    expect(compareStored(slow, calm, { metric: 'latency' }).decision).toBe('ship');
  });
});
