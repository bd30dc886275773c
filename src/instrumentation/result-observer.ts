/** How a piece of work ended; `abandoned`: its consumer left before the last item. */
export type WorkOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'abandoned' };

export interface ResultObserver {
  /** Runs a later piece of the same work, such as the next step of a generator, in its context. */
  run<T>(work: () => T): T;
  /** Told every value that an iterator or a web stream hands out. */
  item(value: unknown): void;
  /** Told once; must not throw. */
  end(outcome: WorkOutcome): void;
}
