import { findIdFault, findSpanTimeFault, isIdLike, NO_SPAN_ID, NO_TRACE_ID } from './record-faults';
import type { LinkDraft, SpanDraft } from './span-draft';

/**
 * The last step of both decoders: settles what OTLP writes in two ways (no parent, no end) and says
 * why the span cannot be kept, or `null`. An end before the start is kept: the clock was wrong, the
 * span was real.
 */
export function completeSpan(span: SpanDraft): string | null {
  if (span.parentSpanId === '' || span.parentSpanId === NO_SPAN_ID) span.parentSpanId = null;
  if (span.endTimeUnixNano === 0n) span.endTimeUnixNano = null;
  if (span.links.length > 0) dropBrokenLinks(span);
  const parent = span.parentSpanId;
  const end = span.endTimeUnixNano;
  return (
    findIdFault('trace id', span.traceId, NO_TRACE_ID) ??
    findIdFault('span id', span.spanId, NO_SPAN_ID) ??
    (parent === null ? null : findIdFault('parent span id', parent, NO_SPAN_ID)) ??
    findSpanTimeFault('start time', span.startTimeUnixNano) ??
    (end === null ? null : findSpanTimeFault('end time', end))
  );
}

/** A link may say that it points nowhere (zeros); one that points at no possible id is lost. */
function dropBrokenLinks(span: SpanDraft): void {
  const sent = span.links.length;
  span.links = span.links.filter(completeLink);
  span.droppedLinksCount += sent - span.links.length;
}

function completeLink(link: LinkDraft): boolean {
  if (link.traceId === '') link.traceId = NO_TRACE_ID;
  if (link.spanId === '') link.spanId = NO_SPAN_ID;
  return isIdLike(link.traceId, NO_TRACE_ID) && isIdLike(link.spanId, NO_SPAN_ID);
}
