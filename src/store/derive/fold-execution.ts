import type { Attributes } from '../../model/attributes';
import type { Sampling } from '../../model/sampling';
import type { AgentIdentity, Exposure, SpanAddress } from '../../model/span';
import type { Status } from '../../model/status';
import type { ExecutionFlag } from '../../model/task';
import type { ExecutionState, Said } from './execution-state';

/** What the spans of an execution say about it, before anybody's explicit word. */
export interface FoldedExecution {
  readonly taskId: string;
  readonly taskType: string | null;
  readonly taskGroup: string | null;
  readonly taskInput: string | null;
  readonly attempt: number | null;
  readonly replication: number | null;
  readonly agent: AgentIdentity;
  readonly model: string | null;
  readonly sessionId: string | null;
  readonly config: Attributes | null;
  readonly propensities: Readonly<Record<string, number>> | null;
  readonly exposures: readonly Exposure[];
  readonly sampling: Sampling | null;
  readonly root: SpanAddress;
  readonly rootName: string;
  readonly rootStartTimeUnixNano: bigint;
  readonly rootEnded: boolean;
  readonly startTimeUnixNano: bigint;
  /** `null` while the root is open. */
  readonly endTimeUnixNano: bigint | null;
  /** `null` while the root is open, and where times are made up. */
  readonly durationNano: bigint | null;
  readonly lastReceivedAtUnixNano: bigint;
  readonly spans: number;
  readonly llmCalls: number;
  readonly toolCalls: number;
  readonly errors: number;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly status: Status;
  /** Somebody wrote `execution.status` on a span: it closes the execution. */
  readonly saidStatus: Status | null;
  readonly saidSuccess: boolean | null;
  readonly tags: readonly string[];
  readonly flags: readonly ExecutionFlag[];
}

/** Reads an execution from the state of its spans: what the root says, else the first that says it. */
export function foldExecution(state: ExecutionState): FoldedExecution {
  const { root } = state;
  const say = <W extends keyof Said>(word: W): NonNullable<Said[W]> | null =>
    root.says[word] ?? state.said?.find(({ says }) => says[word] !== undefined)?.says[word] ?? null;
  const agent = say('agent');
  const saidStatus = state.status?.[1] ?? null;
  return {
    taskId: say('taskId') ?? root.traceId,
    taskType: say('taskType'),
    taskGroup: say('taskGroup'),
    taskInput: say('taskInput'),
    attempt: say('attempt'),
    replication: say('replication'),
    agent: agent ?? nobody,
    model: state.model?.[1] ?? null,
    sessionId: say('sessionId'),
    config: say('config'),
    propensities: say('propensities'),
    exposures: state.exposures ?? [],
    sampling: say('sampling'),
    root: { traceId: root.traceId, spanId: root.spanId },
    rootName: root.name,
    rootStartTimeUnixNano: BigInt(root.start),
    rootEnded: root.end !== undefined,
    ...timesOf(state),
    lastReceivedAtUnixNano: BigInt(state.received),
    spans: state.spans,
    llmCalls: state.llmCalls,
    toolCalls: state.toolCalls,
    errors: state.errors,
    inputTokens: state.inputTokens ?? null,
    outputTokens: state.outputTokens ?? null,
    costUsd: state.costPico === undefined ? null : Number(state.costPico) / 1e12,
    status:
      saidStatus ?? (root.end === undefined ? 'running' : root.error ? 'failed' : 'completed'),
    saidStatus,
    saidSuccess: say('success'),
    tags: state.tags ?? [],
    flags: flagsOf(state),
  };
}

const nobody: AgentIdentity = { id: null, name: null, version: null, type: null };

function timesOf(
  state: ExecutionState,
): Pick<FoldedExecution, 'startTimeUnixNano' | 'endTimeUnixNano' | 'durationNano'> {
  const startTimeUnixNano = BigInt(state.start);
  if (state.root.end === undefined) {
    return { startTimeUnixNano, endTimeUnixNano: null, durationNano: null };
  }
  const end = BigInt(state.end!);
  const duration = end > startTimeUnixNano ? end - startTimeUnixNano : 0n;
  return {
    startTimeUnixNano,
    endTimeUnixNano: end,
    durationNano: state.synthetic ? null : duration,
  };
}

function flagsOf(state: ExecutionState): readonly ExecutionFlag[] {
  const flags: ExecutionFlag[] = [];
  if (state.unknownAttempts) flags.push('attempts_unknown');
  if (state.synthetic) flags.push('time_synthetic');
  if (state.skewed) flags.push('clock_skew');
  return flags;
}
