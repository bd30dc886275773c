import { createPatternLearner } from '../../../src/learning';
import { makeExecution } from '../../support/make-execution';
import { listMemory, readerOf, steppingClock } from '../../support/memory-learning';

test('what no outcome could make significant costs the others nothing, and says what it could reach', async () => {
  // 40 tasks of ten runs; four of them fail once each, always with `rare`, which each of these has in one run of ten.
  const runs = Array.from({ length: 400 }, (_, i) => {
    const [task, replication] = [i % 40, Math.floor(i / 40)];
    const rare = (task < 4 && replication === 3) || (task >= 4 && task < 30 && replication === 5);
    // Five of ten runs of each task have it.
    const common = Array.from({ length: 8 }, (_, k) => `common-${k}`).filter(
      (_, k) => ((replication + task) * (k % 2 === 0 ? 3 : 7) + k + task) % 10 < 5,
    );
    return makeExecution(i, {
      taskId: `task-${task}`,
      replication,
      tags: [...(rare ? ['rare'] : []), ...common],
      outcome: { reward: task < 4 && replication === 3 ? 0 : 1 },
    });
  });
  const memory = listMemory();
  const settings = { maxConjunctions: 0, dimensions: ['reward'] };
  await createPatternLearner({
    reader: readerOf(runs),
    memory,
    clock: steppingClock(),
    settings,
  }).learn();
  const entryOf = (text: string) => memory.entries.find(({ predicate }) => predicate === text);
  const common = memory.entries.filter(({ predicate }) => predicate.startsWith('tag:common'));
  expect(common.length).toBeGreaterThan(1);
  for (const { reason, qValue } of common) {
    // Each of four runs with it, or none: (1/2)⁴ at either end.
    expect(reason).toMatch(/^no outcome of these runs could be significant: at best p 0\.1[23]$/);
    expect(qValue).toBe(1);
  }
  // (1/10)⁴ can be: of the family it is all that is left, so nothing is multiplied.
  const rare = entryOf('tag:rare');
  expect(rare?.pValue).not.toBeNull();
  expect(rare?.qValue).toBe(rare?.pValue);
});
