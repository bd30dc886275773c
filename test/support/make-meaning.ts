import type { SpanMeaning } from '../../src/model/span';

/** What an ordinary span says about an agent's work: nothing. Say only what the test is about. */
export function makeMeaning(change: Partial<SpanMeaning> = {}): SpanMeaning {
  return {
    role: 'other',
    taskId: null,
    executionId: null,
    taskType: null,
    attempt: null,
    replication: null,
    sessionId: null,
    agent: { id: null, name: null, version: null, type: null },
    model: null,
    tool: null,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    config: null,
    propensities: null,
    tags: [],
    success: null,
    status: null,
    attemptsUnknown: false,
    timeSynthetic: false,
    taskInput: null,
    errorType: null,
    exposures: [],
    sampling: null,
    taskGroup: null,
    requestor: null,
    toolArgumentsHash: null,
    carrier: false,
    rewards: [],
    links: [],
    ...change,
  };
}
