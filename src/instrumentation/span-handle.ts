import {
  SpanStatusCode,
  type Attributes,
  type AttributeValue,
  type Span,
  type SpanContext,
  type TimeInput,
} from '@opentelemetry/api';
import type { SpanAddress } from '../model/span';
import { linkTo, type SpanContextHolder, type LinkDetails } from './span-target';

/** A span of the tracker. After `end` nothing changes it any more. */
export interface SpanHandle extends SpanContextHolder {
  /** The span of the OTel API behind it. */
  readonly span: Span;
  setAttribute(key: string, value: AttributeValue): this;
  setAttributes(attributes: Attributes): this;
  /** Adds to `evolution.tags`. */
  setTag(...tags: readonly string[]): this;
  /** @throws InputError for ids that are none. */
  addLink(target: SpanAddress | SpanContextHolder, details?: LinkDetails): this;
  /** Marks the span as failed: status ERROR, `error.type` and an `exception` event. */
  recordException(error: unknown): this;
  end(endTime?: TimeInput): void;
}

export function createSpanHandle(span: Span, initialTags: readonly string[]): SpanHandle {
  const tags = new Set(initialTags);
  const handle: SpanHandle = {
    span,
    spanContext: (): SpanContext => span.spanContext(),
    setAttribute(key, value) {
      span.setAttribute(key, value);
      return handle;
    },
    setAttributes(attributes) {
      span.setAttributes(attributes);
      return handle;
    },
    setTag(...more) {
      for (const tag of more) tags.add(tag);
      span.setAttribute('evolution.tags', [...tags]);
      return handle;
    },
    addLink(target, details) {
      span.addLink(linkTo(target, details));
      return handle;
    },
    recordException(error) {
      const { type, message } = describeError(error);
      span.recordException(error instanceof Error ? error : { name: type, message });
      span.setAttribute('error.type', type);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      return handle;
    },
    end(endTime) {
      span.end(endTime);
    },
  };
  return handle;
}

function describeError(error: unknown): { readonly type: string; readonly message: string } {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error';
    return { type: name, message: String(error.message) };
  }
  return { type: typeof error, message: typeof error === 'string' ? error : '' };
}
