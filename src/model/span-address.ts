/** Ids in lower-case hex, 32 and 16 digits; a span id alone is unique only inside its trace. */
export interface SpanAddress {
  readonly traceId: string;
  readonly spanId: string;
}
