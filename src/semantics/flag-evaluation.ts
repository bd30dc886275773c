import { newScope, newSpan } from '../model/new-span';
import { nodeCrypto } from '../node-crypto';
import type { LogRecord, SpanRecord } from '../model/span';
import { textOf } from './attribute-value';

/** @see https://opentelemetry.io/docs/specs/semconv/feature-flags/feature-flags-events/ */
export const FLAG_EVALUATION = 'feature_flag.evaluation';

/**
 * A flag evaluation that was sent as a log record, as a span without length below the span it happened in: what is
 * exposed is the run, and the run is made of spans. The same record sent twice is one span.
 */
export function spanOfFlagEvaluation(log: LogRecord): SpanRecord | { readonly refused: string } {
  const { traceId, spanId, timeUnixNano, attributes, resource } = log;
  const key = textOf(attributes['feature_flag.key']);
  if (key === null) return { refused: `${FLAG_EVALUATION} without feature_flag.key` };
  if (traceId === null) {
    return {
      refused: `${FLAG_EVALUATION} of "${key}" names no trace, so no run; emit it inside of a span`,
    };
  }
  const variant = textOf(attributes['feature_flag.result.variant']) ?? '';
  const identity = [traceId, spanId ?? '', String(timeUnixNano), key, variant].join(' ');
  return newSpan({
    traceId,
    spanId: nodeCrypto().createHash('sha256').update(identity).digest('hex').slice(0, 16),
    parentSpanId: spanId,
    name: FLAG_EVALUATION,
    startTimeUnixNano: timeUnixNano,
    endTimeUnixNano: timeUnixNano,
    attributes,
    resource,
    scope: newScope('otel-evolution'),
  });
}
