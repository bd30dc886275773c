/**
 * Power cuts by replay: a process stores batches in SQLite under `strace`; its file writes are replayed up to a moment, those that no
 * fsync covers dropped or torn by seed; the database is opened again, and every span acknowledged before the moment must be there.
 *
 *   --cuts N      (20)
 *   --batches N   (150) of 20 spans
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
import { filesAfterCut, readWriteLog } from '../test/support/power-cut/write-log';

const SPANS_PER_BATCH = 20;

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '20' },
    batches: { type: 'string', default: '150' },
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
const reopenMillis: number[] = [];
let acknowledged = 0;
let lost = 0;
let unsynced = 0;
for (let cut = 0; cut < Number(values.cuts); cut += 1) {
  const count = firstAck + 1 + Math.floor(random() * (events.length - firstAck - 1));
  const before = events.slice(0, count);
  const acks = before.flatMap((event) =>
    event.kind === 'said' ? [...event.text.matchAll(/ack (\d+)/g)].map((m) => Number(m[1])) : [],
  );
  const last = before.findLastIndex(({ kind }) => kind === 'sync');
  unsynced += before.slice(last + 1).filter(({ kind }) => kind === 'write').length;
  const place = join(folder, `cut-${cut}`);
  mkdirSync(place);
  for (const [file, bytes] of filesAfterCut(events, count, random)) {
    if (!file.endsWith('-shm')) writeFileSync(join(place, basename(file)), bytes);
  }
  const started = performance.now();
  const evolution = await createEvolution({ databaseUrl: `sqlite:${join(place, 'evolution.db')}` });
  reopenMillis.push(performance.now() - started);
  for (const batch of acks) {
    const spans = await evolution.store.getTrace(traceId(batch));
    acknowledged += SPANS_PER_BATCH;
    lost += SPANS_PER_BATCH - spans.length;
  }
  await evolution.close();
}
rmSync(folder, { recursive: true });
reopenMillis.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    ...{ cuts: Number(values.cuts), seed: Number(values.seed), events: events.length },
    writesWithoutSyncAtTheCut: unsynced,
    ...{ acknowledged, lost },
    slowestReopenMillis: Math.round(reopenMillis.at(-1) ?? 0),
  }),
);
process.exitCode = lost === 0 && acknowledged > 0 ? 0 : 1;
