import { readFile } from 'node:fs/promises';

const TICKS_PER_SECOND = 100; // what Linux tells user space, on every machine

/** User and system time of a running process, all threads; Linux only. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets and may hold blanks.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The most memory a running process has held so far, MiB; Linux only. */
export async function peakMemoryMibOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}
