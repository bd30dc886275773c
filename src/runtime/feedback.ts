import { FeedbackLoop, type AdaptationEngine, type FeedbackStep } from '../adaptation';
import type { Experiments } from '../experiments';
import { withoutTracing } from '../otel';
import type { OpenedStore } from '../store';
import { feedbackIntervalMillis, startBackgroundFeedback } from './background-feedback';
import { systemClock } from './system-clock';

/** What `serve` does in the background, by hand. */
export interface Feedback {
  /**
   * Closes what has ended, watches what is in use against who is held back, and analyses running experiments; gives
   * the steps that were taken.
   */
  run(): Promise<readonly FeedbackStep[]>;
}

export function openFeedback(
  store: OpenedStore,
  {
    adaptation,
    experiments,
  }: { readonly adaptation: AdaptationEngine; readonly experiments: Experiments },
  inBackground: boolean,
): Feedback & { stop(): Promise<void> } {
  const loop = new FeedbackLoop({
    engine: adaptation,
    feed: store,
    book: store,
    clock: systemClock,
  });
  const round = async (rule: 'settled' | 'ended'): Promise<readonly FeedbackStep[]> => {
    await store.closeExecutions({ nowUnixNano: systemClock.nowUnixNano(), rule });
    await experiments.review();
    return loop.round();
  };
  const background = inBackground
    ? startBackgroundFeedback(
        () => round('settled'),
        store.openLease('feedback', 3 * feedbackIntervalMillis),
      )
    : null;
  return {
    run: () => withoutTracing(() => round('ended')),
    stop: async () => background?.stop(),
  };
}
