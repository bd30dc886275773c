import type { Attributes } from '../../model/attributes';
import type { AgentIdentity, SpanAddress } from '../../model/span';
import type { Status } from '../../model/status';
import type { ExecutionFlag } from '../../model/task';
import type { StoredMeaning } from '../schema/stored-meaning';
import { compareSpans, type FoldSpan } from './fold-span';
import { findRoot } from './root-span';

/** What the spans of an execution say about it, before anybody's explicit word. */
export interface FoldedExecution {
  readonly taskId: string;
  readonly taskType: string | null;
  readonly taskInput: string | null;
  readonly attempt: number | null;
  readonly replication: number | null;
  readonly agent: AgentIdentity;
  readonly sessionId: string | null;
  readonly config: Attributes | null;
  readonly propensities: Readonly<Record<string, number>> | null;
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
  readonly flags: readonly ExecutionFlag[];
}

/** A pure fold over the spans of one execution, at least one, none of them a carrier. */
export function foldExecution(members: readonly FoldSpan[]): FoldedExecution {
  const spans = [...members].sort(compareSpans);
  const root = findRoot(spans)!;
  const inOrder = [root, ...spans];
  const say = <T>(pick: (meaning: StoredMeaning) => T | undefined): T | null =>
    firstOf(inOrder, (span) => pick(span.meaning));
  const saidStatus = firstOf([...spans].reverse(), (span) => span.meaning.status);
  const timeSynthetic = spans.some((span) => span.meaning.timeSynthetic);
  const times = foldTimes(spans, root);
  return {
    taskId: say((meaning) => meaning.taskId) ?? root.traceId,
    taskType: say((meaning) => meaning.taskType),
    taskInput: say((meaning) => meaning.taskInput),
    attempt: say((meaning) => meaning.attempt),
    replication: say((meaning) => meaning.replication),
    agent: foldAgent(inOrder),
    sessionId: say((meaning) => meaning.sessionId),
    config: say((meaning) => meaning.config),
    propensities: say((meaning) => meaning.propensities),
    root: { traceId: root.traceId, spanId: root.spanId },
    rootName: root.name,
    rootStartTimeUnixNano: root.startTimeUnixNano,
    rootEnded: root.endTimeUnixNano !== null,
    ...times,
    durationNano: timeSynthetic ? null : times.durationNano,
    lastReceivedAtUnixNano: spans.reduce(
      (latest, span) => (span.receivedAtUnixNano > latest ? span.receivedAtUnixNano : latest),
      0n,
    ),
    spans: spans.length,
    llmCalls: spans.filter((span) => span.role === 'llm').length,
    toolCalls: spans.filter((span) => span.role === 'tool').length,
    errors: spans.filter((span) => span.error).length,
    // Summed in one order, since sums of doubles depend on it.
    inputTokens: sumKnown(spans.map((span) => span.inputTokens)),
    outputTokens: sumKnown(spans.map((span) => span.outputTokens)),
    costUsd: sumKnown(spans.map((span) => span.costUsd)),
    status: saidStatus ?? (root.endTimeUnixNano === null ? 'running' : endedStatus(root)),
    saidStatus,
    saidSuccess: say((meaning) => meaning.success),
    flags: foldFlags(spans, timeSynthetic),
  };
}

const endedStatus = (root: FoldSpan): Status => (root.error ? 'failed' : 'completed');

function firstOf<T>(
  spans: readonly FoldSpan[],
  pick: (span: FoldSpan) => T | null | undefined,
): T | null {
  for (const span of spans) {
    const value = pick(span);
    if (value !== undefined && value !== null) return value;
  }
  return null;
}

/** The root's agent; where it names none, the first that is named. */
function foldAgent(inOrder: readonly FoldSpan[]): AgentIdentity {
  const span = inOrder.find(({ agentId, meaning }) => agentId !== null || meaning.agent);
  const agent = span?.meaning.agent;
  return {
    id: span?.agentId ?? null,
    name: agent?.name ?? null,
    version: agent?.version ?? null,
    type: agent?.type ?? null,
  };
}

function foldTimes(
  spans: readonly FoldSpan[],
  root: FoldSpan,
): Pick<FoldedExecution, 'startTimeUnixNano' | 'endTimeUnixNano' | 'durationNano'> {
  const startTimeUnixNano = spans[0]!.startTimeUnixNano;
  if (root.endTimeUnixNano === null) {
    return { startTimeUnixNano, endTimeUnixNano: null, durationNano: null };
  }
  let end = root.endTimeUnixNano;
  for (const span of spans) {
    if (span.endTimeUnixNano !== null && span.endTimeUnixNano > end) end = span.endTimeUnixNano;
  }
  const durationNano = end > startTimeUnixNano ? end - startTimeUnixNano : 0n;
  return { startTimeUnixNano, endTimeUnixNano: end, durationNano };
}

function sumKnown(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (value === null ? sum : (sum ?? 0) + value), null);
}

function foldFlags(spans: readonly FoldSpan[], timeSynthetic: boolean): readonly ExecutionFlag[] {
  const flags: ExecutionFlag[] = [];
  if (spans.some((span) => span.meaning.attemptsUnknown)) flags.push('attempts_unknown');
  if (timeSynthetic) flags.push('time_synthetic');
  const skewed = spans.some(
    ({ startTimeUnixNano, endTimeUnixNano }) =>
      endTimeUnixNano !== null && endTimeUnixNano < startTimeUnixNano,
  );
  if (skewed) flags.push('clock_skew');
  return flags;
}
