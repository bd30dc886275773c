import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store';
import { runKillCycles } from '../support/kill-nine';
import type { CliBundle } from '../support/server-process';
import { bundleCli } from '../support/server-process';

// EVOLUTION_KILL_CYCLES=20 for the full run.
const cycles = Number(process.env.EVOLUTION_KILL_CYCLES ?? 3);
const seed = Number(process.env.EVOLUTION_KILL_SEED ?? 1);

let cli: CliBundle;
let folder: string;

beforeAll(async () => {
  cli = await bundleCli();
  folder = await mkdtemp(join(tmpdir(), 'otel-evolution-kill-'));
});

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['SQLite', () => `sqlite:${join(folder, 'kill.db')}`],
  ['Postgres', () => `${process.env.TEST_PG_URL}?schema=kill_nine_${process.pid}`],
])(
  'kill -9 under load on %s: nothing acknowledged is lost, nothing resent is stored twice',
  async (_name, newDatabaseUrl) => {
    const databaseUrl = newDatabaseUrl();
    const store = await openStore(databaseUrl);
    try {
      const runs = await runKillCycles({ cli: cli.path, databaseUrl, seed, cycles, store });
      process.stderr.write(`${runs.map(describeRun).join('\n')}\n`);
      expect(runs.flatMap(({ lost }) => lost)).toEqual([]);
      expect(runs.flatMap(({ wrong }) => wrong)).toEqual([]);
      // Otherwise no cycle killed anything in the middle of its work.
      expect(runs).toHaveLength(cycles);
      expect(runs.every(({ acknowledged }) => acknowledged > 0)).toBe(true);
      expect(runs.some(({ unanswered }) => unanswered > 0)).toBe(true);
    } finally {
      await store.close();
    }
  },
  cycles * 30_000,
);

function describeRun(run: Awaited<ReturnType<typeof runKillCycles>>[number]): string {
  const { killedAfterMillis, acknowledged, unanswered, lost, wrong } = run;
  return `killed after ${killedAfterMillis} ms: ${acknowledged} spans acknowledged, ${lost.length} lost; ${unanswered} sent again, ${wrong.length} wrong`;
}
