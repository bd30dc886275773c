import { createPatternLearner, type PatternLearner } from '../../../src/learning';
import { InputError } from '../../../src/errors';
import type { ClosedExecution } from '../../../src/model/learning';
import { seededRandom } from '../../../src/stats';
import { readTauBenchRuns } from '../../support/bench-runs';
import { describeWithData } from '../../support/data-dir';
import { makeExecution } from '../../support/make-execution';
import { attributes } from '../../support/make-span';
import { listMemory, readerOf, steppingClock } from '../../support/memory-learning';

function learnerOf(executions: readonly ClosedExecution[]): PatternLearner {
  return createPatternLearner({
    reader: readerOf(executions),
    memory: listMemory(),
    clock: steppingClock(),
  });
}

describeWithData('what tau-bench airline only seems to say', () => {
  test('the marginal findings that die by task, each with its numbers', async () => {
    const { marginalFindings, notYetKnown } = await learnerOf(readTauBenchRuns()).review({
      limit: 50,
    });
    expect(marginalFindings.length).toBeGreaterThanOrEqual(10);
    const [first] = marginalFindings;
    expect(first).toMatchObject({ strata: 'task x agent', dimension: 'reward' });
    expect(first?.evidence.predicate.text).toBe('tool:transfer_to_human_agents');
    expect(first?.sentence).toContain('35 of 48 succeed with it, 49 of 152 without (p 8.1e-7)');
    expect(first?.sentence).toContain('kind of task');
    for (const { evidence } of marginalFindings) {
      expect(evidence.qMarginal).toBeLessThan(0.05);
      expect(evidence.pStratified ?? 1).toBeGreaterThanOrEqual(0.05);
    }
    for (const question of notYetKnown) {
      expect(question.runsNeeded).toBeGreaterThan(0);
      expect(question.sentence).toContain(`about ${question.runsNeeded} more`);
    }
  });
});

test('the runs that are said to be needed do find the effect', async () => {
  const runs = (n: number, seed: string): ClosedExecution[] => {
    const random = seededRandom(seed);
    return Array.from({ length: n }, (_, i) => {
      const good = random() < 0.5;
      const reward = random() < (good ? 0.6 : 0.45) ? 1 : 0;
      return makeExecution(i, {
        config: attributes({ mode: good ? 'good' : 'plain' }),
        propensities: { mode: 0.5 },
        outcome: { reward },
      });
    });
  };
  const { notYetKnown } = await learnerOf(runs(200, 'small')).review();
  const question = notYetKnown.find(
    ({ evidence }) => evidence.predicate.text === 'config:mode=good',
  );
  if (question === undefined) throw new Error('the planted effect is not among the open questions');
  let found = 0;
  for (let seed = 0; seed < 20; seed += 1) {
    const { promoted } = await learnerOf(runs(200 + question.runsNeeded, `large-${seed}`)).learn();
    // A knob that is drawn at random may be confirmed at once, by its e-value.
    if (promoted.observed + promoted.confirmed > 0) found += 1;
  }
  // Planned power is .8, at the effect that the small sample shows.
  expect(found).toBeGreaterThanOrEqual(10);
});

describe('the audit view', () => {
  const random = seededRandom('audit');
  const executions = Array.from({ length: 120 }, (_, i) => {
    const tagged = random() < 0.4;
    return makeExecution(i, {
      taskId: `task-${i % 30}`,
      replication: Math.floor(i / 30),
      agent: { id: i % 2 === 0 ? 'even' : 'odd', name: null, version: null, type: null },
      tags: tagged ? ['x', 'also-x'] : [],
      outcome: { reward: random() < 0.4 ? 1 : 0 },
    });
  });

  test('shows registered strata, status and reason when nothing else is asked', async () => {
    const learner = learnerOf(executions);
    const before = await learner.candidates({ kinds: ['tag'] });
    expect(before).toMatchObject({
      executions: 120,
      by: [],
      candidates: [
        { predicate: { text: 'tag:also-x' }, reason: 'the same runs, or nearly, as tag:x' },
        { predicate: { text: 'tag:x' }, status: 'candidate', logE: null },
      ],
    });
    expect(before.candidates[1]?.reason).toBe('not tested at a look yet');
    await learner.learn();
    const after = await learner.candidates({ kinds: ['tag'] });
    expect(after.candidates[1]?.reason).toMatch(/^q .* is above this look's 0.030$/);
    expect(after.candidates[1]?.pStratified).toBe(before.candidates[1]?.pStratified);
  });

  test('one agent, own support, crossed strata', async () => {
    const learner = learnerOf(executions);
    expect((await learner.candidates({ agentId: 'even' })).executions).toBe(60);
    const crossed = await learner.candidates({ by: ['type', 'agent'], kinds: ['tag', 'agent'] });
    expect(crossed.candidates.map(({ predicate }) => predicate.text)).toEqual([
      'agent:even',
      'agent:odd',
      'tag:also-x',
      'tag:x',
    ]);
    // An agent does not vary within an agent.
    expect(crossed.candidates[0]).toMatchObject({ pStratified: null, informativeStrata: 0 });
    expect((await learner.candidates({ minSupport: 60, kinds: ['tag'] })).candidates).toEqual([]);
  });

  test('asks for what exists', async () => {
    const learner = learnerOf(executions);
    const ask = (query: object): Promise<unknown> => learner.candidates(query);
    await expect(ask({ kinds: ['tool>3'] })).rejects.toThrow(InputError);
    await expect(ask({ by: ['model'] })).rejects.toThrow(/Unknown stratum "model"/);
    await expect(ask({ minSupport: 0 })).rejects.toThrow(/integer from 1/);
    await expect(ask({ dimension: 'taste' })).rejects.toThrow(/"taste"/);
  });
});

test('a question stood twice, for a setting and for its opposite in one context, and beside the finding that answers it', async () => {
  const random = seededRandom('opposites');
  const runs = Array.from({ length: 400 }, (_, i) => {
    const [isOn, isHard] = [random() < 0.5, i % 2 === 0];
    return makeExecution(i, {
      taskType: isHard ? 'hard' : 'easy',
      config: attributes({ mode: isOn ? 'on' : 'off', speed: random() < 0.5 ? 'fast' : 'slow' }),
      propensities: { mode: 0.5, speed: 0.5 },
      outcome: { reward: random() < (isHard && isOn ? 0.2 : 0.5) ? 1 : 0 },
    });
  });
  const memory = listMemory();
  const learner = createPatternLearner({ reader: readerOf(runs), memory, clock: steppingClock() });
  const { notYetKnown: said } = await learner.learn();
  const { notYetKnown } = await learner.review({ limit: 100 });
  expect(memory.patterns.size).toBeGreaterThan(0);
  // What `learn` says are the first of what the review says.
  expect(notYetKnown.slice(0, said.length).map(({ sentence }) => sentence)).toEqual(said);
  const asked = notYetKnown.map(({ evidence }) => evidence.predicate.text);
  for (const context of ['hard', 'easy']) {
    for (const [one, other] of [
      ['on', 'off'],
      ['fast', 'slow'],
    ]) {
      const names = [one, other].map((level) =>
        asked.some((text) => text.includes(level!) && text.endsWith(`task.type=${context}`)),
      );
      expect(names).not.toEqual([true, true]);
    }
  }
  const stated = [...memory.patterns.values()].flatMap(({ finding }) => [
    finding.head,
    ...finding.alsoSeenAs,
  ]);
  for (const text of asked) expect(stated).not.toContain(text);
});
