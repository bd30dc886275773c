import { extractFeatures } from '../../../src/learning';
import { isExcludedAttribute } from '../../../src/learning/features/level-features';
import type { ClosedExecution } from '../../../src/model/learning';
import { makeExecution, toolSteps } from '../../support/make-execution';
import { attributes } from '../../support/make-span';

function textsOf(change: Partial<ClosedExecution>): string[] {
  return [...extractFeatures(makeExecution(1, change)).present.keys()].sort();
}

function structureOf(calls: readonly string[]): string[] {
  return textsOf({ steps: toolSteps(1, calls), agent: noAgent });
}

const noAgent = { id: null, name: null, version: null, type: null };

test('the structure of a run is said in the published predicate texts', () => {
  expect(structureOf(['search', 'read', 'search', 'answer'])).toEqual([
    'before:read,answer',
    'before:search,answer',
    'before:search,read',
    'bigram:read>search',
    'bigram:search>answer',
    'bigram:search>read',
    'first:search',
    'last:answer',
    'tool:answer',
    'tool:read',
    'tool:search',
    'tool:search>=2',
    'trigram:read>search>answer',
    'trigram:search>read>search',
  ]);
});

test('a run without tools says so and nothing else', () => {
  expect(structureOf([])).toEqual(['no_tool_calls']);
});

test('errors: which tool, how many, and whether the same tool followed at once', () => {
  const texts = structureOf(['!book', 'book', '!search', 'read', 'search']);
  expect(texts).toEqual(
    expect.arrayContaining([
      'any_tool_error',
      'error:book',
      'error:search',
      'tool_errors>=2',
      'retry_after_error',
    ]),
  );
  expect(structureOf(['!search', 'read', 'search'])).not.toContain('retry_after_error');
  expect(structureOf(['!search', 'read'])).not.toContain('tool_errors>=2');
});

test('failing calls of the model: any, and three or more; what a tool does is another matter', () => {
  const texts = (failed: number): string[] => {
    const steps = toolSteps(0, ['!search', 'read', 'read', 'read']).map((step, i) =>
      i === 0 ? step : { ...step, role: 'llm' as const, tool: null, error: i <= failed },
    );
    const { present } = extractFeatures(makeExecution(0, { steps }));
    return [...present.keys()].filter((text) => text.includes('model_error'));
  };
  expect(texts(0)).toEqual([]);
  expect(texts(2)).toEqual(['any_model_error']);
  expect(texts(3)).toEqual(['any_model_error', 'model_errors>=3']);
});

test('a loop is the same tool with the same arguments three times, in a row or not', () => {
  expect(structureOf(['read#x', 'read#x', 'list#y', 'read#x'])).toContain('loop:read');
  expect(structureOf(['read#x', 'read#y', 'read#x'])).not.toContain('loop:read');
  expect(structureOf(['read', 'read', 'read'])).not.toContain('loop:read');
});

test('a tool name stands as it came, whatever it is', () => {
  const texts = structureOf(['__proto__', 'a>b', 'a,b']);
  expect(texts).toEqual(
    expect.arrayContaining(['tool:__proto__', 'bigram:__proto__>a>b', 'before:a>b,a,b']),
  );
});

test('agent, model and tags are conditions; config and attributes are levels', () => {
  const features = extractFeatures(
    makeExecution(1, {
      agent: { id: 'bot', name: 'Bot', version: '2', type: 'qa' },
      tags: ['vip'],
      config: attributes({ scan: 'import', temperature: 0.5, top_k: { double: 1 } }),
      rootAttributes: attributes({ 'package.module_system': 'esm', 'gen_ai.request.top_p': 1 }),
      steps: [{ ...toolSteps(1, ['x'])[0]!, role: 'llm', tool: null, model: 'gpt-x' }],
    }),
  );
  expect([...features.present.keys()].sort()).toEqual([
    'agent:bot',
    'model:gpt-x',
    'no_tool_calls',
    'tag:vip',
  ]);
  expect(features.levels.map(({ kind, key }) => `${kind}:${key}`)).toEqual([
    'attr:task.type',
    'attr:agent.type',
    'attr:agent.version',
    'attr:package.module_system',
    'attr:gen_ai.request.top_p',
    'config:scan',
    'config:temperature',
    'config:top_k',
  ]);
  expect(features.numbers).toEqual(
    expect.arrayContaining([
      { kind: 'config', key: 'temperature', value: 0.5 },
      { kind: 'config', key: 'top_k', value: 1 },
      { kind: 'num', key: 'spans', value: 1 },
    ]),
  );
});

test('unknown totals are left out, not taken as 0', () => {
  const keys = extractFeatures(makeExecution(1)).numbers.map(({ key }) => key);
  expect(keys).toEqual(['depth', 'retries', 'spans', 'llm_calls', 'tool_calls']);
});

describe('what is never a candidate', () => {
  test.each([
    'execution.success',
    'execution.quality_score',
    'reward.value',
    'gen_ai.evaluation.score.value',
    'status',
    'otel.status_code',
    'error.type',
    'task.id',
    'session.id',
    'user_id',
    'userId',
    'gen_ai.conversation.id',
    'trace_id',
    'evolution.config.scan',
    'agentlightning.reward.0.value',
    'created_at',
    'startTime',
    'request.timestamp',
    'gen_ai.usage.input_tokens',
    'gen_ai.output.messages',
    'agent.config',
  ])('%s', (key) => {
    expect(isExcludedAttribute(key)).toBe(true);
    const { levels } = extractFeatures(
      makeExecution(1, { taskType: null, rootAttributes: attributes({ [key]: 'x' }) }),
    );
    expect(levels).toEqual([]);
  });

  test.each(['package.module_system', 'customer.tier', 'grid', 'format', 'gen_ai.request.model'])(
    'but %s may be one',
    (key) => expect(isExcludedAttribute(key)).toBe(false),
  );

  test('text, lists, maps and bytes are no levels', () => {
    const rootAttributes = attributes({
      text: 'x'.repeat(101),
      list: ['a'],
      map: { map: attributes({ a: 1 }) },
      bytes: { bytes: 'AA==' },
      nothing: null,
    });
    expect(extractFeatures(makeExecution(1, { taskType: null, rootAttributes })).levels).toEqual(
      [],
    );
  });

  test('the outcome is never read', () => {
    const steps = toolSteps(1, ['a', '!b']);
    const good = extractFeatures(makeExecution(1, { steps, outcome: { reward: 1 } }));
    const bad = extractFeatures(
      makeExecution(1, { steps, outcome: { reward: 0 }, status: 'failed' }),
    );
    expect(good).toEqual(bad);
  });
});

test('calls at the same time fan out; one that lies within another, or begins where one ends, does not', () => {
  const times = (...spans: readonly (readonly [number, number | null])[]) =>
    toolSteps(
      1,
      spans.map(() => 'search'),
    ).map((step, i) => ({
      ...step,
      startTimeUnixNano: BigInt(spans[i]![0]),
      endTimeUnixNano: spans[i]![1] === null ? null : BigInt(spans[i]![1]),
    }));
  const fanOut = (steps: ClosedExecution['steps']): string[] =>
    textsOf({ steps }).filter((text) => text.startsWith('fan_out'));
  expect(fanOut(times([0, 5], [5, 9], [9, 12]))).toEqual([]);
  expect(fanOut(times([0, 5], [1, 2], [3, 9]))).toEqual(['fan_out>=2']);
  expect(fanOut(times([0, 9], [1, 9], [2, 9], [3, null]))).toEqual(['fan_out>=2', 'fan_out>=3']);
  expect(fanOut(times([0, 9], [1, 9], [2, 9], [3, 9], [4, 9]))).toHaveLength(3);
  const [outer, inner] = times([0, 9], [1, 5]);
  expect(fanOut([outer!, { ...inner!, parentSpanId: outer!.spanId }])).toEqual([]);
});

test('a run of 200,000 calls, each of another parent: more than a function takes arguments', () => {
  const steps = toolSteps(
    1,
    Array.from({ length: 200_000 }, () => 'search'),
  ).map((step, i) => ({ ...step, parentSpanId: `parent ${i}` }));
  expect(textsOf({ steps })).toContain('tool:search');
});

test('depth and calls made again after a failure are numbers of the run', () => {
  const [a, b, c] = toolSteps(1, ['!find', 'find', 'read']);
  const steps = [a!, { ...b!, parentSpanId: a!.spanId }, { ...c!, parentSpanId: b!.spanId }];
  const numbers = (change: Partial<ClosedExecution>) =>
    Object.fromEntries(
      extractFeatures(makeExecution(1, change)).numbers.map(({ key, value }) => [key, value]),
    );
  expect(numbers({ steps })).toMatchObject({ depth: 3, retries: 1 });
  expect(numbers({ steps: [] })).toMatchObject({ depth: 0, retries: 0 });
});
