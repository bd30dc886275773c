import type { Span, SpanRecord } from '../model/span';

/** Spans of one request; some 500 kB of text, far below any receiver's limit. */
const maxSpansPerRequest = 500;

/**
 * OTLP/JSON: one request a line, as the Collector's file exporter writes them, so that any OTLP
 * backend and our own import take it.
 *
 * @param encodeTracesJson makes a request, as a value or as JSON text, of spans.
 */
export async function* exportOtlpJson(
  spans: AsyncIterable<Span>,
  encodeTracesJson: (spans: readonly SpanRecord[]) => unknown,
): AsyncGenerator<string> {
  let request: Span[] = [];
  for await (const span of spans) {
    request.push(span);
    if (request.length < maxSpansPerRequest) continue;
    yield toLine(encodeTracesJson(request));
    request = [];
  }
  if (request.length > 0) yield toLine(encodeTracesJson(request));
}

function toLine(request: unknown): string {
  return `${typeof request === 'string' ? request : JSON.stringify(request)}\n`;
}
