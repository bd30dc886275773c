import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store';
import type { KillCycle } from '../support/kill-nine';
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

describe.each([
  ['SQLite', (name: string) => `sqlite:${join(folder, `${name}.db`)}`],
  ['Postgres', (name: string) => `${process.env.TEST_PG_URL}?schema=${name}_${process.pid}`],
])('on %s', (_name, newDatabaseUrl) => {
  test(
    'kill -9 under load: nothing acknowledged is lost, nothing resent is stored twice',
    async () => {
      const runs = await run(newDatabaseUrl('kill_nine'), 'SIGKILL', cycles);
      expect(runs).toHaveLength(cycles);
      // Otherwise no cycle killed anything in the middle of its work.
      expect(runs.some(({ unanswered }) => unanswered > 0)).toBe(true);
    },
    cycles * 60_000,
  );

  test('SIGTERM under load: it ends by itself, and what it took is there', async () => {
    const [cycle] = await run(newDatabaseUrl('sigterm'), 'SIGTERM', 1);
    expect(cycle?.end).toEqual({ code: 0, signal: null });
  }, 120_000);
});

async function run(
  databaseUrl: string,
  signal: 'SIGKILL' | 'SIGTERM',
  count: number,
): Promise<readonly KillCycle[]> {
  const store = await openStore(databaseUrl);
  try {
    const options = { cli: cli.path, databaseUrl, seed, signal, cycles: count, store };
    const runs = await runKillCycles(options);
    process.stderr.write(`${runs.map((cycle) => describeCycle(signal, cycle)).join('\n')}\n`);
    expect(runs.flatMap(({ lost }) => lost)).toEqual([]);
    expect(runs.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(runs.every(({ acknowledged }) => acknowledged > 0)).toBe(true);
    return runs;
  } finally {
    await store.close();
  }
}

function describeCycle(signal: string, cycle: KillCycle): string {
  const { endedAfterMillis, acknowledged, unanswered, lost, wrong } = cycle;
  return `${signal} after ${endedAfterMillis} ms: ${acknowledged} spans acknowledged, ${lost.length} lost; ${unanswered} sent again, ${wrong.length} wrong`;
}
