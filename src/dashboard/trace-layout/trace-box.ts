/** A rectangle of a trace picture: a span, or spans that are shown as one. */
export interface TraceBox {
  /** The span, or the first of several. */
  readonly index: number;
  readonly count: number;
  readonly label: string;
  readonly role: string;
  readonly error: boolean;
  readonly lane: number;
  /** Nanoseconds; of the aggregated picture, of work and not of the clock. */
  readonly start: number;
  readonly end: number;
}
