/**
 * `kill -9` under load, started again, looked through: acknowledged spans that are lost, spans that are there twice after what was
 * unanswered came again, and how long it takes until the server is ready.
 *
 *   --cycles N      (100)
 *   --seconds N     (no limit) after which no cycle begins
 *   --spans N       (2000) acknowledged in each at least
 *   --database URL  (a file that goes afterwards)
 *   --seed N        (1)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore } from '../src/store';
import { runKillCycles } from '../test/support/kill-nine';
import { bundleCli } from '../test/support/server-process';
import { percentiles } from './measure/percentiles';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '100' },
    seconds: { type: 'string', default: 'Infinity' },
    spans: { type: 'string', default: '2000' },
    database: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-kill-'));
const databaseUrl = values.database === '' ? `sqlite:${join(folder, 'kill.db')}` : values.database;
const cli = await bundleCli();
const store = await openStore(databaseUrl);
const cycles = await runKillCycles({
  ...{ cli: cli.path, databaseUrl, store, signal: 'SIGKILL' },
  ...{ seed: Number(values.seed), cycles: Number(values.cycles) },
  maxSeconds: Number(values.seconds),
  atLeastAcknowledged: Number(values.spans),
});
await store.close();
await cli.remove();
rmSync(folder, { recursive: true, force: true });
const sum = (of: (cycle: (typeof cycles)[number]) => number): number =>
  cycles.reduce((total, cycle) => total + of(cycle), 0);
const lost = sum((cycle) => cycle.lost.length);
const wrong = sum((cycle) => cycle.wrong.length);
console.log(
  JSON.stringify({
    ...{ cycles: cycles.length, seed: Number(values.seed) },
    ...{ acknowledged: sum((cycle) => cycle.acknowledged), lost, wrong },
    unanswered: sum((cycle) => cycle.unanswered),
    readyMillis: percentiles(cycles.map(({ readyAfterMillis }) => readyAfterMillis)),
  }),
);
process.exitCode = lost + wrong === 0 ? 0 : 1;
