import { diag } from '@opentelemetry/api';
import type { FeedbackStep } from '../adaptation';
import type { WorkLease } from '../model/ports-upkeep';
import { withoutTracing } from '../otel';

/** How often, ms. */
export const feedbackIntervalMillis = 10_000;

export interface BackgroundFeedback {
  /** Resolves when a round under way has ended. */
  stop(): Promise<void>;
}

/**
 * Watches adaptations and analyses experiments in the background, in one process of all that have the database open:
 * who holds the lease. A round that fails is told once, and tried again at the next turn.
 */
export function startBackgroundFeedback(
  round: () => Promise<readonly FeedbackStep[]>,
  lease: WorkLease,
  intervalMillis = feedbackIntervalMillis,
): BackgroundFeedback {
  let running: Promise<void> | null = null;
  let failing = false;
  const run = async (): Promise<void> => {
    try {
      if (await lease.take()) await round();
      failing = false;
    } catch (error) {
      if (!failing) diag.warn('otel-evolution: adaptations are not watched just now:', error);
      failing = true;
    } finally {
      running = null;
    }
  };
  const timer = setInterval(() => {
    running ??= withoutTracing(run);
  }, intervalMillis);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
      // Who cannot be told finds out by the lease standing still.
      await lease.release().catch(() => undefined);
    },
  };
}
