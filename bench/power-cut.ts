/**
 * Power cuts by replay: a process stores batches in SQLite under `strace`; its file writes are replayed up to a moment, those that no
 * fsync covers dropped or torn by seed; the database is opened again, and every span acknowledged before the moment must be there.
 *
 *   --cuts N      (20)
 *   --batches N   (150) of 20 spans
 *   --controls N  (3) of the cuts once more, as if no sync had been done
 *   --seed N      (1)
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { createEvolution } from '../src/runtime';
import { seededRandom } from '../src/stats';
import { traceId } from '../test/support/make-span';
import { type FileEvent, filesAfterCut, readWriteLog } from '../test/support/power-cut/write-log';

const SPANS_PER_BATCH = 20;

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '20' },
    batches: { type: 'string', default: '150' },
    controls: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-power-cut-'));
const out = join(process.cwd(), 'node_modules', '.cache', 'bench');
mkdirSync(out, { recursive: true });
const writer = join(out, `power-cut-writer-${process.pid}.cjs`);
await build({
  entryPoints: [join(process.cwd(), 'test/support/power-cut/writer.ts')],
  outfile: writer,
  bundle: true,
  platform: 'node',
  packages: 'external',
  format: 'cjs',
});
const log = join(folder, 'strace.txt');
const calls = 'trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink';
const database = join(folder, 'run', 'evolution.db');
mkdirSync(join(folder, 'run'));
const { status } = spawnSync(
  'strace',
  [
    ...['-f', '-y', '-xx', '-s', '4000000', '-e', calls, '-o', log],
    ...[process.execPath, writer, `sqlite:${database}`, values.batches, String(SPANS_PER_BATCH)],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
rmSync(writer);
if (status !== 0) throw new Error(`the writer, or strace, ended with ${status}`);
const lines: string[] = [];
for await (const line of createInterface({ input: createReadStream(log) })) lines.push(line);
const events = readWriteLog(lines, join(folder, 'run'));
const firstAck = events.findIndex(({ kind }) => kind === 'said');

const random = seededRandom(values.seed);
const cuts = Array.from(
  { length: Number(values.cuts) },
  () => firstAck + 1 + Math.floor(random() * (events.length - firstAck - 1)),
);
const results = [];
for (const count of cuts) results.push(await loseFrom(events.slice(0, count)));
// Were no sync ever done, something must be lost, else nothing here could fail.
const controls = [];
for (const count of cuts.slice(0, Number(values.controls))) {
  controls.push(await loseFrom(events.slice(0, count).filter(({ kind }) => kind !== 'sync')));
}
rmSync(folder, { recursive: true });
const sum = (all: readonly Loss[], of: (one: Loss) => number): number =>
  all.reduce((total, one) => total + of(one), 0);
const [acknowledged, lost] = [
  sum(results, (one) => one.acknowledged),
  sum(results, (one) => one.lost),
];
const lostWithoutSync = sum(controls, (one) => one.lost);
console.log(
  JSON.stringify({
    ...{ cuts: cuts.length, seed: Number(values.seed), events: events.length },
    writesWithoutSyncAtTheCut: sum(results, (one) => one.unsynced),
    ...{ acknowledged, lost },
    withoutSync: {
      cuts: controls.length,
      acknowledged: sum(controls, (one) => one.acknowledged),
      lost: lostWithoutSync,
    },
    slowestReopenMillis: Math.round(Math.max(...results.map(({ reopenMillis }) => reopenMillis))),
  }),
);
const controlled = controls.length === 0 || lostWithoutSync > 0;
process.exitCode = lost === 0 && acknowledged > 0 && controlled ? 0 : 1;

interface Loss {
  readonly acknowledged: number;
  readonly lost: number;
  readonly unsynced: number;
  readonly reopenMillis: number;
}

/** What is missing of what was acknowledged, when the power goes after these events. */
async function loseFrom(before: readonly FileEvent[]): Promise<Loss> {
  const acks = before.flatMap((event) =>
    event.kind === 'said' ? [...event.text.matchAll(/ack (\d+)/g)].map((m) => Number(m[1])) : [],
  );
  const last = before.findLastIndex(({ kind }) => kind === 'sync');
  const unsynced = before.slice(last + 1).filter(({ kind }) => kind === 'write').length;
  const acknowledged = acks.length * SPANS_PER_BATCH;
  const place = mkdtempSync(join(folder, 'cut-'));
  for (const [file, bytes] of filesAfterCut(before, before.length, random)) {
    if (!file.endsWith('-shm')) writeFileSync(join(place, basename(file)), bytes);
  }
  const started = performance.now();
  const databaseUrl = `sqlite:${join(place, 'evolution.db')}`;
  // A file that no longer opens has lost everything.
  const evolution = await createEvolution({ databaseUrl }).catch(() => null);
  const reopenMillis = performance.now() - started;
  if (evolution === null) return { acknowledged, lost: acknowledged, unsynced, reopenMillis };
  let lost = 0;
  for (const batch of acks) {
    const spans = await evolution.store.getTrace(traceId(batch)).catch(() => []);
    lost += SPANS_PER_BATCH - spans.length;
  }
  await evolution.close();
  return { acknowledged, lost, unsynced, reopenMillis };
}
