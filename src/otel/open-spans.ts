/** A host that never ends its spans must not fill our memory. */
const MAX_OPEN_SPANS = 10_000;
const MAX_AGE_MILLIS = 2 * 60 * 60 * 1_000;

/** The spans that have started and not ended, so that a process that ends can leave them as unfinished. */
export class OpenSpans<T extends object> {
  readonly #startedMillis = new Map<T, number>();
  readonly #monotonicMillis: () => number;

  constructor(monotonicMillis: () => number) {
    this.#monotonicMillis = monotonicMillis;
  }

  add(span: T): void {
    const nowMillis = this.#monotonicMillis();
    this.#startedMillis.set(span, nowMillis);
    // In the order of their start: one look at the oldest is enough.
    for (const [oldest, startedMillis] of this.#startedMillis) {
      const tooMany = this.#startedMillis.size > MAX_OPEN_SPANS;
      if (!tooMany && nowMillis - startedMillis <= MAX_AGE_MILLIS) break;
      this.#startedMillis.delete(oldest);
    }
  }

  get size(): number {
    return this.#startedMillis.size;
  }

  delete(span: T): void {
    this.#startedMillis.delete(span);
  }

  /** Hands all of them over, and forgets them. */
  takeAll(): readonly T[] {
    const spans = [...this.#startedMillis.keys()];
    this.#startedMillis.clear();
    return spans;
  }
}
