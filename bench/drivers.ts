/**
 * The drivers of the ladder that this Node has, in turn: `store-write` with each, several rounds, since only pairs
 * within one run mean anything. CPU of the whole process; the delay is that of the thread that writes. Prints JSON.
 *
 *     node bench/run.mjs drivers [spans] [rounds]
 */
import { spawnSync } from 'node:child_process';
import { percentiles } from './measure/percentiles';

const [spans = '40000', rounds = '3'] = process.argv.slice(2);
const drivers = ['sqlite3', 'node:sqlite', 'better-sqlite3', 'libsql'];

interface Run {
  readonly acknowledged_per_second: number;
  readonly cpu_micros_per_span: number;
  readonly event_loop_delay_ms: { readonly p99: number };
}

const runs = new Map<string, Run[]>();
const left = new Map<string, string>();
for (let round = 0; round < Number(rounds); round += 1) {
  for (const driver of drivers) {
    const arguments_ = ['bench/run.mjs', 'store-write', '', spans, driver];
    const { status, stdout, stderr } = spawnSync(process.execPath, arguments_, {
      encoding: 'utf8',
    });
    if (status !== 0) left.set(driver, stderr.trim().split('\n').at(-1) ?? '');
    else runs.set(driver, [...(runs.get(driver) ?? []), JSON.parse(stdout) as Run]);
  }
}
const median = (values: number[]): number => percentiles(values).p50;
console.log(
  JSON.stringify({
    node: process.versions.node,
    spans: Number(spans),
    left_out: Object.fromEntries(left),
    drivers: Object.fromEntries(
      [...runs].map(([driver, of]) => [
        driver,
        {
          spans_per_second: median(of.map((run) => run.acknowledged_per_second)),
          cpu_micros_per_span: median(of.map((run) => run.cpu_micros_per_span)),
          event_loop_delay_p99_ms: median(of.map((run) => run.event_loop_delay_ms.p99)),
        },
      ]),
    ),
  }),
);
