import { comparableSteps, findDivergence } from '../../../src/learning/questions/divergence';
import { alignSteps } from '../../../src/learning/questions/align-steps';
import type { ClosedExecution } from '../../../src/model/learning';
import { seededRandom } from '../../../src/stats';
import { readTauBenchRuns } from '../../support/bench-runs';
import { describeWithData } from '../../support/data-dir';
import { makeExecution, toolSteps } from '../../support/make-execution';

const runOf = (n: number, calls: readonly string[], change: Partial<ClosedExecution> = {}) =>
  makeExecution(n, { taskId: 'refund', steps: toolSteps(n, calls), ...change });

describe('alignSteps', () => {
  const likeness = (a: string, b: string) =>
    a === b ? 'same' : a[0] === b[0] ? 'similar' : 'other';

  test('finds the same steps in order, around what one side has alone', () => {
    const places = alignSteps(['a', 'x', 'b', 'c'], ['a', 'b', 'y', 'c'], likeness);
    expect([...places]).toEqual([0, -1, 1, 3]);
  });

  test('a step with other arguments is aligned, one of another tool is not', () => {
    expect([...alignSteps(['a1', 'b1'], ['a1', 'b2'], likeness)]).toEqual([0, 1]);
    expect([...alignSteps(['a1', 'q'], ['a1', 'b2'], likeness)]).toEqual([0, -1]);
  });

  test('a pair of very long runs takes a bounded table', () => {
    const run = Array.from({ length: 60_000 }, (_, i) => `a${i}`);
    const sibling = Array.from({ length: 60_000 }, (_, i) => `b${i}`);
    expect(alignSteps(run, sibling, likeness)).toHaveLength(60_000);
  });
});

describe('findDivergence', () => {
  const successes = [
    runOf(1, ['find#1', 'check#1', 'refund#1']),
    runOf(2, ['find#1', 'check#1', 'note#7', 'refund#1']),
    runOf(3, ['find#1', 'check#1', 'note#8', 'refund#1']),
  ];

  test('names the call that no success makes there, and what they do', () => {
    const found = findDivergence(runOf(9, ['find#1', 'cancel#1', 'refund#1']), successes)!;
    expect(found).toMatchObject({ position: 1, kind: 'other_call', sharedBefore: 1 });
    expect(found.step!.tool).toBe('cancel');
    expect(found.instead[0]).toMatchObject({ tool: 'check', otherArguments: false });
    expect(found.instead[0]!.share).toBeCloseTo(1, 10);
  });

  test('names the arguments that no success uses', () => {
    const found = findDivergence(runOf(9, ['find#1', 'check#2', 'refund#1']), successes)!;
    expect(found).toMatchObject({ position: 1, kind: 'other_arguments' });
  });

  test('passes over a step in which the successes differ among themselves', () => {
    const run = runOf(9, ['find#1', 'check#1', 'note#9', 'refund#5']);
    expect(findDivergence(run, successes)).toMatchObject({ position: 3, certainty: 1 });
  });

  test('names what the run leaves out, where the successes do it', () => {
    const found = findDivergence(runOf(9, ['find#1', 'refund#1']), successes)!;
    expect(found).toMatchObject({ position: 1, kind: 'left_out' });
    expect(found.instead).toEqual([expect.objectContaining({ tool: 'check' })]);
  });

  test('a run that stops early stops where the successes go on', () => {
    const found = findDivergence(runOf(9, ['find#1', 'check#1']), successes)!;
    expect(found).toMatchObject({ position: 2, kind: 'stopped', step: null });
    expect(found.instead[0]!.tool).toBe('refund');
  });

  test('a run that does what a success did has none', () => {
    expect(findDivergence(runOf(9, ['find#1', 'check#1', 'refund#1']), successes)).toBeNull();
    expect(findDivergence(runOf(9, ['find#1']), [])).toBeNull();
  });

  test('the calls of a simulated user are not the agent’s', () => {
    const [first, ...rest] = toolSteps(9, ['reboot#1', 'find#1', 'check#1', 'refund#1']);
    const run = runOf(9, [], { steps: [{ ...first!, requestor: 'user' }, ...rest] });
    expect(findDivergence(run, successes)).toBeNull();
  });

  test('wrong before: calls that say they are the assistant’s are the agent’s, and are compared', () => {
    const byAssistant = (run: ClosedExecution): ClosedExecution => ({
      ...run,
      steps: run.steps.map((step) => ({ ...step, requestor: 'assistant' })),
    });
    const run = byAssistant(runOf(9, ['find#1', 'guess#1', 'refund#1']));
    expect(findDivergence(run, successes.map(byAssistant))).toMatchObject({
      position: 1,
      step: { tool: 'guess' },
    });
  });

  test('wrong before: runs without tools do not part at the name of another agent’s model', () => {
    const chats = (n: number, model: string, count: number) =>
      runOf(n, [], {
        steps: toolSteps(n, Array<string>(count).fill('chat')).map((step) => ({
          ...{ ...step, role: 'llm' as const, tool: null, model, name: `chat ${model}` },
        })),
      });
    const others = [chats(1, 'small', 2), chats(2, 'small', 2)];
    expect(findDivergence(chats(9, 'large', 2), others)).toBeNull();
    const found = findDivergence(chats(9, 'large', 3), others)!;
    expect(found.kind).toBe('other_call');
    expect(found.instead).toEqual([expect.objectContaining({ tool: null })]);
  });
});

describeWithData('changed runs of tau-bench airline', () => {
  test('the changed step is named in at least .9 of 150, twice the rate of the last call', () => {
    const random = seededRandom('why');
    const successes = readTauBenchRuns().filter(
      (run) => run.outcome.reward === 1 && run.steps.length > 1,
    );
    let exact = 0;
    for (let n = 0; n < 150; n += 1) {
      const original = successes[Math.floor(random() * successes.length)]!;
      const steps = comparableSteps(original);
      const position = Math.floor(random() * steps.length);
      const changed = { ...steps[position]!, toolArgumentsHash: `changed-${n}` };
      const run = { ...original, id: 'changed', steps: steps.with(position, changed) };
      const siblings = successes.filter(({ taskId }) => taskId === original.taskId);
      if (findDivergence(run, siblings)?.position === position) exact += 1;
    }
    expect(exact / 150).toBeGreaterThanOrEqual(0.9);
  });
});
