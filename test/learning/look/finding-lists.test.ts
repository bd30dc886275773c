import { makeStream, nullKinds } from '../../../bench/learning/streams';
import type { Candidate } from '../../../src/learning/candidates/candidate';
import { groupByList, qValuesByList } from '../../../src/learning/look/finding-lists';
import type { Member } from '../../../src/learning/look/member';
import type { OutcomeColumn } from '../../../src/learning/units/outcome-column';
import { createPatternLearner } from '../../../src/learning';
import { listMemory, readerOf, steppingClock } from '../../support/memory-learning';

type Sort = 'setting' | 'given' | 'behaviour';

function member(sort: Sort, pValue: number, dimension = 'reward'): Member {
  const candidate = { controllable: sort === 'setting', preTreatment: sort !== 'behaviour' };
  return {
    candidate: candidate as Candidate,
    column: { dimension } as OutcomeColumn,
    pValue,
  } as Member;
}

test('ranks are counted within a list, over the size of the whole family', () => {
  const agents = [member('given', 1e-9), member('given', 2e-9)];
  const behaviours = [member('behaviour', 0.01), member('behaviour', 0.002)];
  const setting = member('setting', 0.02);
  const elsewhere = member('behaviour', 0.001, 'thrift');
  const family = [...agents, ...behaviours, setting, elsewhere];
  const q = qValuesByList(family);
  expect(q.get(behaviours[0]!)).toBeCloseTo((0.01 * 6) / 2, 12);
  expect(q.get(behaviours[1]!)).toBeCloseTo(0.002 * 6, 12);
  expect(q.get(setting)).toBeCloseTo(0.02 * 6, 12);
  expect(q.get(elsewhere)).toBeCloseTo(0.001 * 6, 12);
  expect(q.get(agents[0]!)).toBeCloseTo((2e-9 * 6) / 2, 18);
  expect(groupByList(family, (each) => each).map((list) => list.length)).toEqual([2, 2, 1, 1]);
});

test('once wrong: that one agent is better bought false claims of behaviours', async () => {
  // Both agents are claimed, rightly, and in epochs of 100 runs the least p of 80 behaviours that do nothing is
  // 1.79·alpha/M.
  const settings = { epochUnits: 100 };
  const { executions } = makeStream(nullKinds['two-agents-drift']!, {
    seed: '12/two-agents-drift/1000/19',
    units: 1_000,
    features: 60,
    agents: 1,
    repeats: 5,
    effect: 0,
  });
  const memory = listMemory();
  const reader = readerOf(executions);
  await createPatternLearner({ reader, memory, clock: steppingClock(), settings }).learn();
  expect([...memory.patterns.values()].map(({ predicate }) => predicate.text)).toEqual([
    'agent:agent-0',
  ]);
  const alpha = memory.looks[0]?.alpha ?? NaN;
  const family = memory.entries.length;
  const tags = memory.entries.filter(({ predicate }) => predicate.startsWith('tag:'));
  const least = Math.min(...tags.map(({ pValue }) => pValue ?? 1));
  expect((least * family) / alpha).toBeGreaterThan(1);
  expect((least * family) / alpha).toBeLessThan(2);
  expect(Math.min(...tags.map(({ qValue }) => qValue ?? 1))).toBeGreaterThan(alpha);
});
