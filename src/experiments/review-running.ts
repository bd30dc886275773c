import type { Experiment } from '../model/experiment';
import type { Clock } from '../model/ports';
import type { ExposureReader } from '../model/ports-learning';

export interface ReviewOptions {
  readonly list: () => Promise<readonly Experiment[]>;
  readonly analyze: (id: string) => Promise<unknown>;
  readonly executions: ExposureReader;
  readonly clock: Clock;
}

interface Progress {
  /** By the names that its runs know it by. */
  readonly cursors: Map<string, number>;
  runs: number;
  analysed: number;
  analysedAtUnixNano: bigint;
}

/** Rewards come late, and horizons pass, while no run comes. */
const ATLEAST_EVERY_NANO = 3_600_000_000_000n;
const PAGE = 200;

/**
 * Analyses running experiments when a twentieth more runs are known than at the last time, or an hour has passed.
 * Since a decision stands at the unit where it falls, whoever looks when, this costs time and no error.
 *
 * @returns a function for one round, which gives the ids it analysed
 */
export function createReview(options: ReviewOptions): () => Promise<readonly string[]> {
  const known = new Map<string, Progress>();
  return async () => {
    const running = await options.list();
    const ids = new Set(running.map(({ id }) => id));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    const analysed: string[] = [];
    for (const experiment of running) {
      const progress = known.get(experiment.id) ?? begin(experiment);
      known.set(experiment.id, progress);
      await count(progress, options.executions);
      const now = options.clock.nowUnixNano();
      const isOld = now - progress.analysedAtUnixNano >= ATLEAST_EVERY_NANO;
      if (progress.runs === 0 || !(progress.runs > 1.05 * progress.analysed || isOld)) continue;
      progress.analysed = progress.runs;
      progress.analysedAtUnixNano = now;
      await options.analyze(experiment.id);
      analysed.push(experiment.id);
    }
    return analysed;
  };
}

function begin({ id, key, startedAtUnixNano }: Experiment): Progress {
  const cursors = new Map([id, key].map((name) => [name, 0]));
  return { cursors, runs: 0, analysed: 0, analysedAtUnixNano: startedAtUnixNano };
}

async function count(progress: Progress, executions: ExposureReader): Promise<void> {
  for (const [id, from] of progress.cursors) {
    for (let cursor = from; ;) {
      const page = await executions.readExposed({ kind: 'experiment', id }, cursor, PAGE);
      progress.runs += page.executions.length;
      cursor = page.cursor;
      progress.cursors.set(id, cursor);
      if (page.executions.length < PAGE) break;
    }
  }
}
