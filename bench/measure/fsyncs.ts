import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * Command that, put in front of another, writes down every fsync of its process and threads; `null`
 * where there is no strace or it may not trace.
 */
export function fsyncTracer(log: string): readonly string[] | null {
  // -D: the traced process stays our child, so signals reach it.
  const tracer = [
    'strace',
    '-D',
    '-f',
    '--seccomp-bpf',
    '-ttt',
    '-e',
    'trace=fsync,fdatasync',
    '-o',
  ];
  const [command = '', ...args] = [...tracer, '/dev/null', 'true'];
  return spawnSync(command, args).status === 0 ? [...tracer, log] : null;
}

/** How many began in an interval of wall time, ms since 1970. */
export async function countFsyncsBetween(
  log: string,
  fromMillis: number,
  toMillis: number,
): Promise<number> {
  await sleep(500); // the tracer writes its last lines after the traced process has ended
  const lines = (await readFile(log, 'utf8')).split('\n');
  return lines.filter((line) => {
    const millis = Number(/^\d+ +(\d+\.\d+) (?:fsync|fdatasync)\(/.exec(line)?.[1]) * 1000;
    return millis >= fromMillis && millis <= toMillis;
  }).length;
}

/** Syncs of the write-ahead log since the server was made. */
export async function readWalSyncs(url: string): Promise<number> {
  await sleep(1_500); // backends report theirs at most once a second
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ syncs: string }>(
    'SELECT wal_sync AS syncs FROM pg_stat_wal',
  );
  await client.end();
  return Number(rows[0]?.syncs);
}
