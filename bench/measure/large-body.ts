import { randomBytes } from 'node:crypto';
import { encodeOtlp } from '../../test/support/otlp-proto';

const spansPerTrace = 10;

/**
 * Makes requests of so many small spans, each with ids of its own: one body is encoded, and for each request its ids
 * are written anew, so that the client costs next to nothing.
 */
export function largeBodies(spans: number): () => Buffer {
  const traceIds = Array.from({ length: Math.ceil(spans / spansPerTrace) }, () => randomBytes(16));
  const template = Buffer.from(
    encodeOtlp('ExportTraceServiceRequest', {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: Array.from({ length: spans }, (_, n) => ({
                traceId: traceIds[Math.floor(n / spansPerTrace)],
                spanId: randomBytes(8),
                name: 'step',
                startTimeUnixNano: '1790000000000000000',
                endTimeUnixNano: '1790000000001000000',
              })),
            },
          ],
        },
      ],
    }),
  );
  const places: number[] = [];
  let at = 0;
  for (let n = 0; n < spans; n += 1) {
    at = template.indexOf(traceIds[Math.floor(n / spansPerTrace)]!, at);
    places.push(at);
    at += 16;
  }
  return () => {
    const body = Buffer.from(template);
    const random = randomBytes(16 * traceIds.length);
    places.forEach((place, n) => {
      const trace = Math.floor(n / spansPerTrace);
      random.copy(body, place, trace * 16, trace * 16 + 16);
    });
    return body;
  };
}
