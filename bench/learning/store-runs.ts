import type { Evolution } from '../../src';
import type { ClosedExecution } from '../../src/model/learning';
import type { RewardClaim } from '../../src/model/reward';
import type { SpanRecord } from '../../src/model/span';
import { attributes, makeSpan } from '../../test/support/make-span';

/** Runs as spans and rewards in a database, closed and admitted as one cut. */
export async function storeRuns(
  { sink, store }: Evolution,
  runs: readonly ClosedExecution[],
): Promise<void> {
  for (let from = 0; from < runs.length; from += 500) {
    const part = runs.slice(from, from + 500);
    await sink.accept({ spans: part.flatMap(toSpans), rewards: part.map(toReward) });
  }
  await store.closeExecutions({ nowUnixNano: 10n ** 19n / 2n, rule: 'ended' });
  await store.admitCut(10n ** 19n / 2n);
}

function toSpans(run: ClosedExecution): SpanRecord[] {
  const traceId = run.rootSpan!.traceId.replace(/^0/, '1');
  const start = run.rootStartTimeUnixNano;
  const root = makeSpan({
    traceId,
    spanId: '00000000000000aa',
    startTimeUnixNano: start,
    endTimeUnixNano: start + 1_000_000n,
    attributes: attributes({
      'execution.id': run.id,
      'task.id': run.taskId,
      'execution.replication': run.replication,
      'agent.id': run.agent.id,
      'gen_ai.operation.name': 'invoke_agent',
      'evolution.tags': [...run.tags],
      'agent.config': JSON.stringify(run.config ?? {}),
    }),
  });
  const calls = run.steps.map((step, i) =>
    makeSpan({
      traceId,
      spanId: (i + 1).toString(16).padStart(16, '0'),
      parentSpanId: '00000000000000aa',
      startTimeUnixNano: start + BigInt(i),
      endTimeUnixNano: start + BigInt(i + 1),
      attributes: attributes({
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': step.tool,
      }),
    }),
  );
  return [root, ...calls];
}

function toReward({ id, outcome, rootStartTimeUnixNano }: ClosedExecution): RewardClaim {
  return {
    id: `reward-${id}`,
    target: { kind: 'execution', executionId: id },
    name: 'reward',
    value: outcome['reward'] ?? null,
    rawValue: outcome['reward'] ?? null,
    dimensions: {},
    feedback: null,
    label: null,
    source: 'code',
    evaluator: null,
    timestampUnixNano: rootStartTimeUnixNano,
    supersedes: null,
  };
}
