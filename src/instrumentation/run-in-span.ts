import type { Context } from '@opentelemetry/api';
import { runIn } from './current-context';
import { harmless, noArguments } from './harmless';
import { observeResult } from './observe-result';
import { reportProblem } from './report-problem';
import type { WorkOutcome } from './result-observer';
import type { SpanHandle } from './span-handle';

/** Follows a piece of tracked work; what it throws is reported and goes no further. */
export interface OutcomeListener {
  /** Told every value that an iterator or a web stream hands out. */
  readonly item?: ((value: unknown) => void) | undefined;
  /** Told once, before the span ends: the last chance to write on it. */
  readonly ending?: ((outcome: WorkOutcome, span: SpanHandle) => void) | undefined;
  /** Told once, after the span has ended. */
  readonly ended?: ((outcome: WorkOutcome, span: SpanHandle) => void) | undefined;
}

/**
 * Runs `fn` in `inside` and ends the span when its work is over, not when it returns: a promise has
 * settled, a generator or stream has ended, failed or been left.
 */
export function runInSpan<T>(
  span: SpanHandle,
  inside: Context,
  fn: (span: SpanHandle) => T,
  listener: OutcomeListener = {},
): T {
  let over = false;
  const end = (outcome: WorkOutcome): void => {
    if (over) return;
    over = true;
    safely(() => {
      if (outcome.kind === 'failed') span.recordException(outcome.error);
    });
    safely(() => listener.ending?.(outcome, span));
    safely(() => span.end());
    safely(() => listener.ended?.(outcome, span));
  };
  const run = <R>(work: () => R): R =>
    harmless(
      {
        what: 'a step runs outside of its span',
        fn: work,
        bare: noArguments,
        isMistake: () => false,
      },
      (step) => runIn(inside, step),
    );
  let result: T;
  try {
    result = run(() => fn(span));
  } catch (error) {
    end({ kind: 'failed', error });
    throw error;
  }
  return observeResult(result, { run, item: (value) => safely(() => listener.item?.(value)), end });
}

function safely(work: () => void): void {
  try {
    work();
  } catch (error) {
    reportProblem('tracking went wrong; the tracked work is not touched', error);
  }
}
