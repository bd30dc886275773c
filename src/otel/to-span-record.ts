import type { HrTime } from '@opentelemetry/api';
import type { Resource, Scope, SpanEvent, SpanKind, SpanLink, SpanRecord } from '../model/span';
import { toBoundedText, toCanonicalAttributes, type AttributeMeter } from './canonical-attributes';
import type {
  ReadableEvent,
  ReadableLink,
  ReadableResource,
  ReadableScope,
  ReadableSpan,
} from './readable-span';

/** Bytes of a span record beside its attributes, estimated. */
const BYTES_PER_SPAN = 1_024;
const BYTES_PER_CHILD = 256;

/** Events, and links, that are kept of one span. */
const MAX_PARTS = 10_000;

/** OTLP span flags: bit 8 says that bit 9 (the parent is remote) is known. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/**
 * The SDK's finished span as a record, without loss and without touching the span.
 *
 * @param meter - Grows by the estimated size of the record in bytes.
 * @param resource - Given where the SDK's own is still pending.
 */
export function toSpanRecord(
  span: ReadableSpan,
  meter: AttributeMeter = { bytes: 0, dropped: 0 },
  resource: Resource = toResource(span.resource),
): SpanRecord {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const parent = span.parentSpanContext;
  const { attributes, dropped } = countedAttributes(span.attributes, meter);
  meter.bytes += BYTES_PER_SPAN;
  const events = readAll(span.events, (event) => toSpanEvent(event, meter));
  const links = readAll(span.links, (link) => toSpanLink(link, meter));
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId ?? null,
    traceState: traceState?.serialize() ?? null,
    flags: toFlags(traceFlags, parent?.isRemote),
    name: toText(span.name, meter),
    kind: toSpanKind(span.kind),
    startTimeUnixNano: toUnixNano(span.startTime),
    endTimeUnixNano: span.ended ? toUnixNano(span.endTime) : null,
    status: toStatus(span.status, meter),
    attributes,
    events: events.read,
    links: links.read,
    droppedAttributesCount: toCount(span.droppedAttributesCount) + dropped,
    droppedEventsCount: toCount(span.droppedEventsCount) + events.dropped,
    droppedLinksCount: toCount(span.droppedLinksCount) + links.dropped,
    resource,
    scope: toScope(span.instrumentationScope),
  };
}

/** The SDK takes an `Error` for a name and a number for a message: whatever it is, it becomes text. */
function toText(value: unknown, meter: AttributeMeter): string {
  const text = toBoundedText(value, meter);
  meter.bytes += 2 * text.length;
  return text;
}

function toStatus(status: ReadableSpan['status'], meter: AttributeMeter): SpanRecord['status'] {
  const { message } = status;
  const code: number = status.code;
  return {
    code: code === 1 || code === 2 ? code : 0,
    message: message === undefined || message === null ? null : toText(message, meter),
  };
}

function toCount(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** One that cannot be read is left out and counted; the others, and the span, live. */
function readAll<T, R>(
  parts: readonly T[],
  read: (part: T) => R,
): { readonly read: readonly R[]; readonly dropped: number } {
  const result: R[] = [];
  for (const part of parts.slice(0, MAX_PARTS)) {
    try {
      result.push(read(part));
    } catch {
      // Counted below.
    }
  }
  return { read: result, dropped: parts.length - result.length };
}

// One object per SDK object, so that the spans of a provider share theirs and the store writes it once.
const resources = new WeakMap<ReadableResource, Resource>();
const scopes = new WeakMap<ReadableScope, Scope>();

/** Call it for a resource whose asynchronous attributes have settled. */
export function toResource(resource: ReadableResource): Resource {
  const known = resources.get(resource);
  if (known !== undefined) return known;
  const { attributes, dropped } = countedAttributes(resource.attributes);
  const made: Resource = {
    attributes,
    droppedAttributesCount: dropped,
    schemaUrl: optionalText(resource.schemaUrl),
  };
  if (resource.asyncAttributesPending !== true) resources.set(resource, made);
  return made;
}

function toScope(scope: ReadableScope): Scope {
  const known = scopes.get(scope);
  if (known !== undefined) return known;
  const made: Scope = {
    name: toBoundedText(scope.name),
    version: optionalText(scope.version),
    attributes: toCanonicalAttributes(null, { bytes: 0, dropped: 0 }),
    droppedAttributesCount: 0,
    schemaUrl: optionalText(scope.schemaUrl),
  };
  scopes.set(scope, made);
  return made;
}

function optionalText(value: unknown): string | null {
  return value === undefined || value === null ? null : toBoundedText(value);
}

function toSpanEvent(event: ReadableEvent, meter: AttributeMeter): SpanEvent {
  const { attributes, dropped } = countedAttributes(event.attributes, meter);
  meter.bytes += BYTES_PER_CHILD;
  return {
    name: toText(event.name, meter),
    timeUnixNano: toUnixNano(event.time),
    attributes,
    droppedAttributesCount: toCount(event.droppedAttributesCount ?? 0) + dropped,
  };
}

function toSpanLink(link: ReadableLink, meter: AttributeMeter): SpanLink {
  const { attributes, dropped } = countedAttributes(link.attributes, meter);
  meter.bytes += BYTES_PER_CHILD;
  return {
    traceId: link.context.traceId,
    spanId: link.context.spanId,
    traceState: link.context.traceState?.serialize() ?? null,
    attributes,
    droppedAttributesCount: toCount(link.droppedAttributesCount ?? 0) + dropped,
    flags: toFlags(link.context.traceFlags, link.context.isRemote),
  };
}

function countedAttributes(
  source: object | undefined,
  meter: AttributeMeter = { bytes: 0, dropped: 0 },
) {
  const droppedBefore = meter.dropped;
  const attributes = toCanonicalAttributes(source, meter);
  return { attributes, dropped: meter.dropped - droppedBefore };
}

function toFlags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);
}

/** The SDK counts from INTERNAL = 0, OTLP from UNSPECIFIED = 0. */
function toSpanKind(sdkKind: number): SpanKind {
  return sdkKind >= 0 && sdkKind <= 4 ? ((sdkKind + 1) as SpanKind) : 0;
}

// Starts, ends and events mostly share their second.
let lastSecond = { seconds: 0, unixNano: 0n };

/** A user may pass a time of his own, fractions included, which BigInt refuses. */
function toUnixNano([seconds, nanos]: HrTime): bigint {
  if (seconds !== lastSecond.seconds)
    lastSecond = { seconds, unixNano: toBigInt(seconds) * 1_000_000_000n };
  return lastSecond.unixNano + toBigInt(nanos);
}

function toBigInt(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}
