import type { FoldSpan } from './fold-span';
import { toPico } from './money';

export interface Totals {
  readonly spans: number;
  readonly llmCalls: number;
  readonly toolCalls: number;
  readonly errors: number;
  /** Absent: none is known. Tokens are whole numbers; money is whole picodollars, in decimal. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costPico?: string;
  /** Times in decimal nanoseconds. */
  readonly start: string;
  /** The latest end of a span that has one. */
  readonly end?: string;
  readonly received: string;
  readonly synthetic?: true;
  readonly unknownAttempts?: true;
  readonly skewed?: true;
}

/** Nobody's clock says so: what a client writes that has no time. It is kept as it came. */
const isNoTime = (unixNano: bigint): boolean => unixNano <= 1n || unixNano >= 2n ** 63n;

/** Counts, sums, smallest and largest over spans. */
export class Sums {
  #spans = 0;
  #llmCalls = 0;
  #toolCalls = 0;
  #errors = 0;
  #inputTokens: number | undefined;
  #outputTokens: number | undefined;
  #costPico: bigint | undefined;
  #start: bigint | undefined;
  #end: bigint | undefined;
  #received = 0n;
  #synthetic = false;
  #unknownAttempts = false;
  #skewed = false;

  add(span: FoldSpan): void {
    const { startTimeUnixNano: start, endTimeUnixNano: end, meaning } = span;
    this.#spans += 1;
    if (span.role === 'llm') this.#llmCalls += 1;
    if (span.role === 'tool') this.#toolCalls += 1;
    if (span.error) this.#errors += 1;
    if (span.inputTokens !== null) this.#inputTokens = (this.#inputTokens ?? 0) + span.inputTokens;
    if (span.outputTokens !== null) {
      this.#outputTokens = (this.#outputTokens ?? 0) + span.outputTokens;
    }
    if (span.costUsd !== null) this.#costPico = (this.#costPico ?? 0n) + toPico(span.costUsd);
    if (this.#start === undefined || start < this.#start) this.#start = start;
    if (end !== null && (this.#end === undefined || end > this.#end)) this.#end = end;
    if (span.receivedAtUnixNano > this.#received) this.#received = span.receivedAtUnixNano;
    if (meaning.timeSynthetic) this.#synthetic = true;
    if (meaning.attemptsUnknown) this.#unknownAttempts = true;
    if ((end !== null && end < start) || isNoTime(start)) this.#skewed = true;
  }

  totals(): Totals {
    return {
      spans: this.#spans,
      llmCalls: this.#llmCalls,
      toolCalls: this.#toolCalls,
      errors: this.#errors,
      ...(this.#inputTokens !== undefined && { inputTokens: this.#inputTokens }),
      ...(this.#outputTokens !== undefined && { outputTokens: this.#outputTokens }),
      ...(this.#costPico !== undefined && { costPico: String(this.#costPico) }),
      start: String(this.#start),
      ...(this.#end !== undefined && { end: String(this.#end) }),
      received: String(this.#received),
      ...(this.#synthetic && { synthetic: true }),
      ...(this.#unknownAttempts && { unknownAttempts: true }),
      ...(this.#skewed && { skewed: true }),
    };
  }
}
