import { createHash } from 'node:crypto';

/** An id from a text: hex, so many digits. */
export function idOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/** 21 September 2026, nanoseconds. */
export const start = 1_790_000_000_000_000_000n;

export interface MadeSpan {
  /** What its id is made from. */
  readonly id: string;
  readonly trace: string;
  readonly name: string;
  readonly parent?: string | undefined;
  /** Milliseconds after `start`. */
  readonly at: number;
  readonly millis: number;
  readonly attributes?: Readonly<Record<string, string>>;
  /** It failed, and why. */
  readonly message?: string;
  /** Spans that it links to, by what their ids are made from. */
  readonly links?: readonly { readonly trace: string; readonly id: string }[];
}

/** A span in the field names of OTLP/JSON. */
export function otlpSpan(span: MadeSpan): object {
  const begin = start + BigInt(span.at) * 1_000_000n;
  const attributes = Object.entries(span.attributes ?? {});
  return {
    traceId: idOf(span.trace, 32),
    spanId: idOf(span.id, 16),
    ...(span.parent === undefined ? {} : { parentSpanId: idOf(span.parent, 16) }),
    name: span.name,
    startTimeUnixNano: String(begin),
    endTimeUnixNano: String(begin + BigInt(span.millis) * 1_000_000n),
    attributes: attributes.map(([key, stringValue]) => ({ key, value: { stringValue } })),
    status: span.message === undefined ? {} : { code: 2, message: span.message },
    links: (span.links ?? []).map(({ trace, id }) => ({
      traceId: idOf(trace, 32),
      spanId: idOf(id, 16),
    })),
  };
}
