import { emptyAttributes, type MutableAttributes } from '../model/attributes';
import type { LogRecord } from '../model/span';
import type { DecodedRecords } from './decoded-records';
import { findIdFault, findTimeFault, NO_SPAN_ID, NO_TRACE_ID } from './record-faults';
import type { ResourceDraft } from './span-draft';

/** The events that are read from logs: scores, and what flag a run was exposed to. */
const READ_EVENTS: ReadonlySet<unknown> = new Set([
  'gen_ai.evaluation.result',
  'feature_flag.evaluation',
]);

/** A log record as either decoder reads it. */
export interface LogDraft {
  eventName: string;
  traceId: string;
  spanId: string;
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  readonly attributes: MutableAttributes;
  droppedAttributesCount: number;
}

export function draftLog(): LogDraft {
  return {
    eventName: '',
    traceId: '',
    spanId: '',
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    attributes: emptyAttributes(),
    droppedAttributesCount: 0,
  };
}

/** Keeps the events that are read, refuses broken ones, ignores every other record. */
export function sortLog(
  draft: LogDraft,
  resource: ResourceDraft,
  records: DecodedRecords<LogRecord>,
): void {
  // Before log records had an event name, it was an attribute.
  const eventName = draft.eventName || draft.attributes['event.name'];
  if (typeof eventName !== 'string' || !READ_EVENTS.has(eventName)) {
    records.ignore();
    return;
  }
  const timeUnixNano = draft.timeUnixNano || draft.observedTimeUnixNano;
  const traceId = draft.traceId === NO_TRACE_ID ? null : draft.traceId || null;
  const spanId = draft.spanId === NO_SPAN_ID ? null : draft.spanId || null;
  const fault =
    (traceId && findIdFault('trace id', traceId, NO_TRACE_ID)) ??
    (spanId && findIdFault('span id', spanId, NO_SPAN_ID)) ??
    findTimeFault('time', timeUnixNano);
  if (fault === null) {
    const { attributes } = draft;
    records.keep({ eventName, traceId, spanId, timeUnixNano, attributes, resource });
  } else {
    records.refuse(fault);
  }
}
