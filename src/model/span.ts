import type { Attributes } from './attributes';
import type { LinkClaim, RewardClaim } from './reward';
import type { Sampling } from './sampling';
import type { Status } from './status';

export type { SpanAddress } from './span-address';

/** OTLP numbering: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
export type SpanKind = 0 | 1 | 2 | 3 | 4 | 5;

/** OTLP numbering: 0 unset, 1 ok, 2 error. */
export type StatusCode = 0 | 1 | 2;

export interface SpanEvent {
  readonly name: string;
  readonly timeUnixNano: bigint;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string | null;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

/** Shared by identity: the spans of one resource carry the same object, so it is stored once. */
export interface Resource {
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string | null;
}

export interface Scope {
  readonly name: string;
  readonly version: string | null;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string | null;
}

/** An OTel span, without loss: the one shape of every entrance. Ids are lower-case hex (32, 16). */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly traceState: string | null;
  /** The low 8 bits are the W3C trace flags. */
  readonly flags: number;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTimeUnixNano: bigint;
  /** `null` while unfinished. */
  readonly endTimeUnixNano: bigint | null;
  readonly status: { readonly code: StatusCode; readonly message: string | null };
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly resource: Resource;
  readonly scope: Scope;
}

/**
 * The user's own redaction: gets every span as it came, before anything is read or stored of it, and
 * returns what may go on. Synchronous; it returns a span with the same ids.
 */
export type RedactionHook = (span: SpanRecord) => SpanRecord;

/** An OTel log record; only evaluation results (`gen_ai.evaluation.result`) and flag evaluations are read from logs. */
export interface LogRecord {
  readonly eventName: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly timeUnixNano: bigint;
  readonly attributes: Attributes;
  readonly resource: Resource;
}

export type SpanRole =
  'agent' | 'llm' | 'tool' | 'retrieval' | 'embedding' | 'evaluator' | 'chain' | 'other';

export interface AgentIdentity {
  readonly id: string | null;
  readonly name: string | null;
  readonly version: string | null;
  readonly type: string | null;
}

export interface Exposure {
  readonly experimentId: string | null;
  readonly variant: string | null;
  readonly adaptationId: string | null;
  readonly patternId: string | null;
}

/** What one span says about the agent's work; unknown is `null`, never 0. */
export interface SpanMeaning {
  readonly role: SpanRole;
  /** Only when the span or its resource names one; the fold over the trace finds the rest. */
  readonly taskId: string | null;
  readonly executionId: string | null;
  readonly taskType: string | null;
  /** From 1; `null` when not said. */
  readonly attempt: number | null;
  /** From 0; `null` when not said. */
  readonly replication: number | null;
  readonly sessionId: string | null;
  readonly agent: AgentIdentity;
  readonly model: string | null;
  readonly tool: string | null;
  /** On LLM and embedding spans only: roots repeat the totals. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** US dollars. */
  readonly costUsd: number | null;
  /** `agent.config` and `evolution.config.*`, flat. */
  readonly config: Attributes | null;
  /** Probability with which each knob's value was drawn, where the draw was random. */
  readonly propensities: Readonly<Record<string, number>> | null;
  readonly tags: readonly string[];
  /** `execution.success`, where somebody said so. */
  readonly success: boolean | null;
  /** `execution.status`, where somebody said so: it closes the execution. */
  readonly status: Status | null;
  /** `evolution.attempts_unknown`: retries and fixed replications cannot be told apart. */
  readonly attemptsUnknown: boolean;
  /** `evolution.time.synthetic`: times are made up, so latency is unknown. */
  readonly timeSynthetic: boolean;
  /** What the user asked for, where content is captured. */
  readonly taskInput: string | null;
  readonly errorType: string | null;
  /** Experiments, variants and adaptations that it says it was exposed to. */
  readonly exposures: readonly Exposure[];
  /** How the run came to be kept, where the span says so; of an execution the root's word counts. */
  readonly sampling: Sampling | null;
  /** Tasks of one group are declared comparable (`task.group`). */
  readonly taskGroup: string | null;
  /** Who asked for a tool call, where it was not the agent. */
  readonly requestor: string | null;
  /** HMAC-SHA-256 of a tool call's arguments (hex, 32 characters kept), so that loops can be seen. */
  readonly toolArgumentsHash: string | null;
  /** Feedback after the fact: it never creates a task or an execution and is no span of one. */
  readonly carrier: boolean;
  readonly rewards: readonly RewardClaim[];
  readonly links: readonly LinkClaim[];
}

/** A span on its way into the store: redacted, and understood. */
export interface InterpretedSpan {
  readonly span: SpanRecord;
  readonly meaning: SpanMeaning;
  /** Of the span as it was sent, where redaction changed it; versions of a span are told apart by it. */
  readonly sentHash?: string | undefined;
}

/** A span as the store gives it back. */
export interface Span extends SpanRecord {
  readonly taskId: string | null;
  readonly executionId: string | null;
  readonly agentId: string | null;
  readonly role: SpanRole;
  readonly model: string | null;
  readonly tool: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly errorType: string | null;
  readonly toolArgumentsHash: string | null;
  readonly tags: readonly string[];
  /** Clock of the store. */
  readonly receivedAtUnixNano: bigint;
}

/** What a picture of a trace is drawn from: a span without what may be large. */
export type SpanSkeleton = Omit<
  Span,
  | 'attributes'
  | 'events'
  | 'links'
  | 'droppedAttributesCount'
  | 'droppedEventsCount'
  | 'droppedLinksCount'
  | 'traceState'
  | 'flags'
  | 'resource'
  | 'scope'
  | 'receivedAtUnixNano'
>;
