/**
 * A write costs the same after 10 M spans as after none: fills one database with runs of ten spans (a tenth of one task,
 * sessions of 1,000 traces), then writes windows of as many runs to it and to fresh databases in turn. Prints JSON.
 *
 *     npm run bench -- long-history [runs] [windows]
 *     npm run bench:night       1,000,000 runs
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/store';
import { type Ids, runsPerCall, spansPerRun, type Store, writeRuns } from './measure/write-runs';

/** 100,080 spans. */
const runsOfWindow = 834 * runsPerCall;

async function main(runs: number, windows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'long-history-'));
  const file = join(folder, 'old.db');
  const old = await openStore(`sqlite:${file}`);
  let stored = 0;
  const filling: number[] = [];
  while (stored < runs) {
    filling.push(await window(old, stored));
    stored += runsOfWindow;
  }
  const pairs: { old: number; fresh: number }[] = [];
  for (let pair = 0; pair < windows; pair += 1) {
    const fresh = await openStore(`sqlite:${join(folder, `fresh-${pair}.db`)}`);
    const measured = { old: 0, fresh: 0 };
    // Every other pair the other way round: whoever comes first finds another machine.
    for (const which of pair % 2 === 0
      ? (['old', 'fresh'] as const)
      : (['fresh', 'old'] as const)) {
      measured[which] = await window(which === 'old' ? old : fresh, stored);
    }
    stored += runsOfWindow;
    pairs.push(measured);
    await fresh.close();
  }
  const totals = await old.getTotals();
  await old.close();
  const bytes = statSync(file).size;
  rmSync(folder, { recursive: true });
  const ratios = pairs.map((pair) => pair.old / pair.fresh).sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      spans: totals.spans,
      asked: stored * spansPerRun,
      gigabytes: round(bytes / 1e9),
      spansPerSecondWhileFilling: filling.filter(
        (_, at) => at % Math.ceil(filling.length / 10) === 0,
      ),
      pairs,
      medianOldToFresh: round(ratios[Math.floor(ratios.length / 2)] ?? NaN),
    }),
  );
}

const window = (store: Store, from: number): Promise<number> =>
  writeRuns(store, from, runsOfWindow, idsOf);

const idsOf = (run: number): Ids => ({
  taskId: run % 10 === 0 ? 'the-task' : `task-${run}`,
  sessionId: `session-${Math.floor(run / 1_000)}`,
});

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

void main(Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 5));
