import { ROOT_CONTEXT } from '@opentelemetry/api';
import { setImmediate } from 'node:timers/promises';
import { runIn } from './current-context';
import { reportProblem } from './report-problem';

/** Work that nobody waits for: outside of any task and span, its errors reported and not thrown. */
export interface BackgroundWork {
  /** Begins at once; only what `work` awaits goes on in the background. */
  run(what: string, work: () => unknown): void;
  /** Resolves when nothing begun so far, nor what it began itself, is under way. */
  settled(): Promise<void>;
}

export function createBackgroundWork(): BackgroundWork {
  const underWay = new Set<Promise<void>>();
  return {
    run(what, work) {
      const done = attempt(what, work).finally(() => underWay.delete(done));
      underWay.add(done);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
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
