import type { ClosedExecution, ExecutionStep } from '../../src/model/learning';
import { assumedUnsampled } from '../../src/model/sampling';
import { attributes } from './make-span';

/** A closed execution; say only what the test is about. `n` makes its id and its place in time. */
export function makeExecution(n: number, change: Partial<ClosedExecution> = {}): ClosedExecution {
  const traceId = n.toString(16).padStart(32, '0');
  return {
    id: `run-${String(n).padStart(6, '0')}`,
    taskId: `task-${n}`,
    taskType: 'question',
    taskGroup: null,
    attempt: 1,
    replication: 0,
    attemptsUnknown: false,
    attemptMarked: true,
    agent: { id: 'agent-a', name: null, version: null, type: null },
    sessionId: null,
    status: 'completed',
    config: null,
    propensities: null,
    exposures: [],
    sampling: assumedUnsampled,
    meaningVersion: 1,
    tags: [],
    rootAttributes: attributes({}),
    rootSpan: { traceId, spanId: '00000000000000aa' },
    rootStartTimeUnixNano: 1_700_000_000_000_000_000n + BigInt(n) * 1_000_000_000n,
    durationNano: null,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    outcome: {},
    steps: [],
    ...change,
  };
}

/** One tool step per name, in that order; `!` in front marks an error, `#` and a word its arguments. */
export function toolSteps(n: number, calls: readonly string[]): ExecutionStep[] {
  return calls.map((call, i) => {
    const [tool = '', argumentsHash] = call.replace(/^!/, '').split('#');
    return {
      traceId: n.toString(16).padStart(32, '0'),
      spanId: (i + 1).toString(16).padStart(16, '0'),
      parentSpanId: '00000000000000aa',
      name: `execute_tool ${tool}`,
      role: 'tool' as const,
      tool,
      model: null,
      error: call.startsWith('!'),
      errorType: null,
      toolArgumentsHash: argumentsHash ?? null,
      requestor: null,
      startTimeUnixNano: BigInt(i),
      endTimeUnixNano: BigInt(i + 1),
    };
  });
}
