import type { RewardClaim } from '../../src/model/reward';
import type { LogRecord } from '../../src/model/span';
import { interpretLog } from '../../src/semantics';
import { attributes, testResource } from '../support/make-span';

const traceId = '1'.repeat(32);
const spanId = '2'.repeat(16);

function log(change: Partial<LogRecord>, values: LogRecord['attributes'] = {}): LogRecord {
  return {
    eventName: 'gen_ai.evaluation.result',
    traceId,
    spanId,
    timeUnixNano: 1_700_000_000_000_000_000n,
    attributes: attributes({ 'gen_ai.evaluation.name': 'relevance', ...values }),
    resource: testResource,
    ...change,
  };
}

describe('interpretLog', () => {
  test('an evaluation of the span whose ids it carries', () => {
    const claim = interpretLog(
      log({}, { 'gen_ai.evaluation.score.value': 0.5, 'gen_ai.evaluation.explanation': 'half' }),
    );
    expect(claim).toMatchObject({
      target: { kind: 'span', traceId, spanId },
      name: 'relevance',
      value: 0.5,
      rawValue: 0.5,
      feedback: 'half',
      source: 'llm',
      timestampUnixNano: 1_700_000_000_000_000_000n,
    });
  });

  test('of a span known by its response only, or of a trace', () => {
    const response = { 'gen_ai.evaluation.score.value': 1, 'gen_ai.response.id': 'r-1' };
    expect(interpretLog(log({ traceId: null, spanId: null }, response))).toMatchObject({
      target: { kind: 'query', matches: [{ key: 'gen_ai.response.id', value: 'r-1' }] },
    });
    expect(
      interpretLog(log({ spanId: null }, { 'gen_ai.evaluation.score.label': 'bad' })),
    ).toMatchObject({
      target: { kind: 'trace', traceId },
      value: null,
      rawValue: null,
      label: 'bad',
    });
  });

  test('a score of another scale is kept raw', () => {
    expect(interpretLog(log({}, { 'gen_ai.evaluation.score.value': 4 }))).toMatchObject({
      value: null,
      rawValue: 4,
    });
  });

  test.each([
    ['another event', log({ eventName: 'gen_ai.user.message' }), 'gen_ai.user.message'],
    [
      'no target',
      log({ traceId: null, spanId: null }, { 'gen_ai.evaluation.score.value': 1 }),
      'target',
    ],
    ['no name', log({}, { 'gen_ai.evaluation.name': '' }), 'gen_ai.evaluation.name'],
    ['nothing judged', log({}), 'no score'],
    ['NaN', log({}, { 'gen_ai.evaluation.score.value': { double: 'NaN' } }), 'finite'],
  ])('refuses %s and says why', (_, record, reason) => {
    expect(interpretLog(record)).toEqual({ refused: expect.stringContaining(reason) as string });
  });

  test('the same judgement has the same id, another one another', () => {
    const idOf = (record: LogRecord): string => (interpretLog(record) as RewardClaim).id;
    const score = { 'gen_ai.evaluation.score.value': 1 };
    expect(idOf(log({}, score))).toBe(idOf(log({}, score)));
    const others = [
      log({ spanId: '3'.repeat(16) }, score),
      log({ timeUnixNano: 1_700_000_000_000_000_001n }, score),
      log({}, { ...score, 'gen_ai.evaluation.name': 'tone' }),
      log({}, { ...score, 'reward.evaluator': 'anna' }),
      log({}, { ...score, 'reward.source': 'human' }),
    ];
    expect(new Set([log({}, score), ...others].map(idOf)).size).toBe(6);
  });
});
