import type { Execution } from '../model/task';
import { duration } from './format';
import { latencyMs } from './summary';

/** Seconds. */
const fine = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];
fine.push(120, 300, 600, 1_200, 2_400, 7_200, 18_000, 43_200, 86_400);
const coarse = [0.001, 0.01, 0.1, 1, 10, 60, 600, 7_200, 86_400];

/** A logarithmic axis whose every tick says a duration; in seconds. */
export function durationAxis(executions: readonly Execution[]): object {
  const seconds = executions.flatMap((run) => {
    const millis = latencyMs(run);
    return millis === null ? [] : [millis / 1_000];
  });
  const least = seconds.reduce((low, value) => Math.min(low, value), Infinity);
  const most = seconds.reduce((high, value) => Math.max(high, value), 0);
  const ticks = most / least > 300 ? coarse : fine;
  const shown = ticks.filter((value) => value >= least / 3 && value <= most * 3);
  return {
    type: 'log',
    title: { text: 'latency (log scale)' },
    tickvals: shown,
    ticktext: shown.map((value) => duration(1_000 * value).replace('.0 ', ' ')),
  };
}
