import { createPatternLearner } from '../../../src/learning';
import { formatExplanation } from '../../../src/cli/format/explanation';
import type { AttributeValue } from '../../../src/model/attributes';
import type { ClosedExecution } from '../../../src/model/learning';
import { seededRandom } from '../../../src/stats';
import { patternToWire } from '../../../src/wire';
import { makeExecution, toolSteps } from '../../support/make-execution';
import { attributes } from '../../support/make-span';
import { listMemory, readerOf, steppingClock } from '../../support/memory-learning';

/** Runs of tasks that repeat; those that call `check` succeed far more often. */
function stream(config: (n: number) => Record<string, AttributeValue>): ClosedExecution[] {
  const random = seededRandom('context of evidence');
  return Array.from({ length: 400 }, (_, n) => {
    const checks = random() < 0.5;
    return makeExecution(n, {
      taskId: `task-${n % 50}`,
      replication: Math.floor(n / 50),
      config: attributes(config(n)),
      tags: ['production', ...(n % 50 === 0 ? [] : ['nightly']), ...(n % 2 === 0 ? ['even'] : [])],
      outcome: n < 10 ? {} : { reward: random() < (checks ? 0.9 : 0.3) ? 1 : 0 },
      steps: toolSteps(n, checks ? ['check', 'done'] : ['done']),
    });
  });
}

async function contextFound(config: (n: number) => Record<string, AttributeValue>) {
  const memory = listMemory();
  const reader = readerOf(stream(config));
  await createPatternLearner({ reader, memory, clock: steppingClock() }).learn();
  return [...memory.patterns.values()].find(({ predicate }) => predicate.text === 'tool:check')!;
}

test('wrong today: the context of a pattern is what the compared runs were: ranges, levels, constants, tags', async () => {
  const pattern = await contextFound((n) => ({
    temperature: (n % 8) / 10,
    // Only where nobody judged: no evidence lies there.
    retries: n < 10 ? 9 : { int: '3' },
    window: n % 3 === 0 ? 'head' : 'tail',
    strict: true,
    limit: n % 4 === 0 ? 'none' : n % 4,
    request: `unique-${n}`,
  }));
  expect(pattern.context).toEqual({
    agentType: null,
    taskType: null,
    configRange: [
      { key: 'limit', interval: { lower: 1, upper: 3 }, levels: ['none'] },
      { key: 'temperature', interval: { lower: 0, upper: 0.7 }, levels: [] },
      { key: 'window', interval: null, levels: ['tail', 'head'] },
      { key: 'retries', interval: { lower: 3, upper: 3 }, levels: [] },
      { key: 'strict', interval: null, levels: ['true'] },
    ],
    tags: ['nightly', 'production'],
  });
  expect(patternToWire(pattern).context.config_range[1]).toEqual({
    key: 'temperature',
    interval: [0, 0.7],
    levels: [],
  });
  const colors = { dim: (text: string) => text };
  const text = formatExplanation(pattern, { columns: 400, colors } as never);
  expect(text).toContain(
    'found among   limit 1 to 3 or none; temperature 0 to 0.7; window tail or head; retries 3; strict true; tagged nightly, production\n',
  );
});

test('of very many settings fifty are told, those that vary first', async () => {
  const pattern = await contextFound((n) =>
    Object.fromEntries(
      Array.from({ length: 80 }, (_, key) => [`key-${key}`, key < 30 ? 1 : n % 2]),
    ),
  );
  const { configRange } = pattern.context;
  expect(configRange).toHaveLength(50);
  expect(configRange.every(({ interval }) => interval!.lower < interval!.upper)).toBe(true);
});
