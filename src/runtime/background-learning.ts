/** How often what has ended is closed and admitted, ms. */
const intervalMillis = 30_000;

export interface BackgroundLearning {
  /** Resolves when a round under way has ended. */
  stop(): Promise<void>;
}

/**
 * Closes what is settled and takes the scheduled looks. A round that fails is reported and tried
 * again at the next turn; ingestion never waits for it.
 */
export function startBackgroundLearning(
  learner: { learnInBackground(): Promise<unknown> },
  onError: (error: unknown) => void,
): BackgroundLearning {
  let round: Promise<void> | null = null;
  const timer = setInterval(() => {
    round ??= learner
      .learnInBackground()
      .then(() => undefined, onError)
      .finally(() => {
        round = null;
      });
  }, intervalMillis);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}
