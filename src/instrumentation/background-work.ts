import { ROOT_CONTEXT } from '@opentelemetry/api';
import { setImmediate } from 'node:timers/promises';
import { runIn } from './current-context';
import { reportProblem } from './report-problem';

/** Work that nobody waits for: outside of any task and span, its errors reported and not thrown. */
export interface BackgroundWork {
  /** Begins at once; only what `work` awaits goes on in the background. */
  run(what: string, work: () => unknown): void;
  /**
   * Resolves when nothing begun so far, nor what it began itself, is under way; at the latest after 10 s, since an
   * evaluation of the application's own may never end.
   */
  settled(): Promise<void>;
}

const SETTLE_MILLIS = 10_000;

export function createBackgroundWork(): BackgroundWork {
  const underWay = new Set<Promise<void>>();
  return {
    run(what, work) {
      const done = attempt(what, work);
      underWay.add(done);
      const forget = (): void => void underWay.delete(done);
      done.then(forget, forget).catch((error: unknown) => reportProblem(`${what} failed`, error));
    },
    async settled() {
      if (underWay.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const timeUp = new Promise<'time up'>((resolve) => {
        timer = setTimeout(() => resolve('time up'), SETTLE_MILLIS);
      });
      for (let left = [...underWay]; left.length > 0; left = [...underWay]) {
        if ((await Promise.race([Promise.allSettled(left), timeUp])) === 'time up') {
          reportProblem('closing', `${left.length} evaluation(s) or rounds of learning do not end`);
          break;
        }
        for (const done of left) underWay.delete(done);
      }
      clearTimeout(timer);
    },
  };
}

/** `work` as a request: begins after the present turn, once for all who ask until then. */
export function runsSoon(
  what: string,
  work: () => Promise<unknown>,
  background: BackgroundWork,
): () => void {
  let asked = false;
  let last: Promise<void> = Promise.resolve();
  return () => {
    if (asked) return;
    asked = true;
    background.run(what, () => {
      last = last.then(async () => {
        await setImmediate();
        asked = false;
        await attempt(what, work);
      });
      return last;
    });
  };
}

async function attempt(what: string, work: () => unknown): Promise<void> {
  try {
    await runIn(ROOT_CONTEXT, work);
  } catch (error) {
    reportProblem(`${what} failed`, error);
  }
}
