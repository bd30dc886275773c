import type { Pattern } from '../../src/model/pattern';

/** A pattern that was observed; say only what the test is about. */
export function makePattern(change: Partial<Pattern> = {}): Pattern {
  return {
    id: 'pattern-1',
    type: 'success',
    status: 'observed',
    predicate: {
      text: 'tool:search>=3',
      terms: [{ kind: 'tool', key: 'search', op: '>=', value: 3 }],
    },
    dimension: 'reward',
    effect: {
      measure: 'risk_difference_mh',
      estimate: 0.2,
      interval: { lower: 0.1, upper: 0.3 },
      level: 0.95,
      adjusted: true,
    },
    support: {
      with: { n: 30, successes: 21, mean: 0.7 },
      without: { n: 0, successes: 0, mean: null },
    },
    test: { name: 'cmh', statistic: 9, df: 1, pValue: 0.001, qValue: 0.01, eValue: null },
    strata: { by: 'task', used: 3, informative: 2 },
    adjustedFor: ['agent x epoch'],
    nEffective: 33.3,
    finding: {
      id: 'pattern-1',
      head: 'tool:search>=3',
      alsoSeenAs: ['tool:search'],
      alsoSeenAsMore: 0,
      levels: [{ value: 'a', n: 3, mean: 0.5, interval: { lower: 0.1, upper: 0.9 } }],
    },
    life: { state: 'open', why: null, atUnixNano: null, by: null },
    sampling: { basis: 'assumed', weighted: false },
    confidence: 0.99,
    controllable: false,
    flags: {
      controllable: false,
      preTreatment: false,
      outcomeProximal: false,
      outcomeTriggered: false,
      reason: 'a behaviour: a diagnosis until a setting steers it',
    },
    context: {
      agentType: null,
      taskType: null,
      configRange: [
        { key: 'temperature', interval: { lower: 0, upper: 0.7 }, levels: [] },
        { key: 'window', interval: null, levels: ['tail', 'head'] },
      ],
      tags: ['production'],
    },
    applicabilityScore: 0.5,
    explanation: {
      reason: 'Runs with three searches or more succeed more often.',
      wording: 'associated_with',
      heldFixed: ['task'],
      leftOut: [{ key: 'task', estimate: 0.1, moves: true }],
      elsewhere: [
        {
          dimension: 'cost_usd',
          measure: 'relative_change',
          estimate: 0.4,
          interval: { lower: 0.2, upper: 0.6 },
          pValue: 0.001,
          runs: 28,
        },
      ],
      needs: 'a randomised draw',
      sourceSpanIds: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }],
      contradictingSpanIds: [],
    },
    firstSeenUnixNano: 1_700_000_000_000_000_000n,
    lastTestedUnixNano: 1_700_000_000_000_000_000n,
    ...change,
  };
}
