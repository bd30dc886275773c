import { SingleBar } from 'cli-progress';
import type { Io } from './io';

export interface ProgressBar {
  /** `done` of `total`, in the unit of the bar; `words` stand behind it. */
  update(done: number, total: number, words: string): void;
  stop(): void;
}

/** One bar on stderr with the time left; nothing when nobody watches. */
export function createProgressBar({ interactive, stderr }: Io, what: string): ProgressBar {
  if (!interactive) return { update: () => {}, stop: () => {} };
  const format = `${what} [{bar}] {percentage} %  {words}  {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: stderr, hideCursor: true });
  let begun = false;
  return {
    update(done, total, words) {
      if (!begun) bar.start(total, 0, { words });
      begun = true;
      bar.setTotal(Math.max(total, 1));
      bar.update(Math.min(done, total), { words });
    },
    stop() {
      if (begun) bar.stop();
      begun = false;
    },
  };
}
