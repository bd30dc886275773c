import type {
  Attributes,
  AttributeValue,
  Context,
  HrTime,
  SpanContext,
  SpanStatus,
} from '@opentelemetry/api';

/**
 * What we read of the SDK's finished span, as a structure: the types of SDK 2 (`sdk-trace-base`) and
 * SDK 3 (`sdk-trace`) both fit, so our declarations need neither package. An attribute value may be
 * anything at run time: SDK 3 lets nested maps and bytes through.
 */
export interface ReadableSpan {
  readonly name: string;
  /** SDK numbering: INTERNAL = 0. */
  readonly kind: number;
  spanContext(): SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly ended: boolean;
  readonly status: SpanStatus;
  readonly attributes: object;
  readonly links: readonly ReadableLink[];
  readonly events: readonly ReadableEvent[];
  readonly resource: ReadableResource;
  readonly instrumentationScope: ReadableScope;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

export interface ReadableEvent {
  readonly time: HrTime;
  readonly name: string;
  readonly attributes?: object;
  readonly droppedAttributesCount?: number;
}

export interface ReadableLink {
  readonly context: SpanContext;
  readonly attributes?: object;
  readonly droppedAttributesCount?: number;
}

export interface ReadableResource {
  /** While `true`, `attributes` are incomplete and reading them logs an error. */
  readonly asyncAttributesPending?: boolean;
  readonly attributes: object;
  readonly schemaUrl?: string;
  waitForAsyncAttributes?(): Promise<void>;
}

export interface ReadableScope {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
}

/** A span that has just started. */
export interface StartedSpan {
  readonly attributes: object;
  setAttribute(key: string, value: AttributeValue): unknown;
}

/** Attributes of the task and execution that a context belongs to; `null` for none. */
export type ContextStamp = (context: Context) => Attributes | null;
