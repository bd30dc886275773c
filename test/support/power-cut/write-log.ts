import { dirname } from 'node:path';

/** What a process did to its files, in the order in which the calls were over. */
export type FileEvent =
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'remove'; readonly file: string }
  /** Covers the events of its file before index `since`: what was written meanwhile may be missing. */
  | { readonly kind: 'sync'; readonly file: string; readonly since: number }
  | { readonly kind: 'said'; readonly text: string };

/** Reads what `strace -f -y -xx -s 1000000` wrote of pwrite64, write, fsync, fdatasync, ftruncate and unlink. */
export function readWriteLog(lines: Iterable<string>, folder: string): FileEvent[] {
  const events: FileEvent[] = [];
  const begun = new Map<string, { readonly call: string; readonly since: number }>();
  for (const line of lines) {
    const [, process = '', rest = ''] = /^(?:\[pid +)?(\d+)\]? +(.*)$/.exec(line) ?? [];
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(process, { call: rest.slice(0, -'<unfinished ...>'.length), since: events.length });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const before = resumed === null ? undefined : begun.get(process);
    const call = before === undefined ? rest : before.call + resumed![1]!;
    const event = toEvent(call, folder, before?.since ?? events.length);
    if (event !== null) events.push(event);
  }
  return events;
}

function toEvent(call: string, folder: string, since: number): FileEvent | null {
  const match = /^(\w+)\((.*)\) += (-?\d+)/.exec(call);
  if (match === null || Number(match[3]) < 0) return null;
  const [, name] = match;
  // A call that was interrupted by another's line ends with a space.
  const args = match[2]!.trimEnd();
  const [, descriptor, path = '', after = ''] = /^(\d+)<(.*?)>(?:, (.*))?$/.exec(args) ?? [];
  const file = decodeText(path);
  if (name === 'write' && descriptor === '1') {
    return { kind: 'said', text: bytesOf(after).toString() };
  }
  if (name === 'unlink') {
    const removed = bytesOf(args).toString();
    return removed.startsWith(folder) ? { kind: 'remove', file: removed } : null;
  }
  if (!file.startsWith(folder)) return null;
  switch (name) {
    case 'pwrite64':
      return { kind: 'write', file, at: Number(after.split(', ').at(-1)), bytes: bytesOf(after) };
    case 'ftruncate':
      return { kind: 'truncate', file, size: Number(after) };
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', file, since };
    default:
      return null;
  }
}

function bytesOf(args: string): Buffer {
  const [, text = ''] = /^"((?:\\x[0-9a-f]{2})*)"/.exec(args) ?? [];
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}

/** `-xx` writes paths in hexadecimal, too. */
function decodeText(text: string): string {
  return text.startsWith('\\x') ? Buffer.from(text.replaceAll('\\x', ''), 'hex').toString() : text;
}

/**
 * The files as a power cut after the first `count` events may leave them: what a sync covers is there; of what none covers
 * each write is there, missing, or torn, as `random` has it.
 */
export function filesAfterCut(
  events: readonly FileEvent[],
  count: number,
  random: () => number,
): ReadonlyMap<string, Buffer> {
  const durable = new Map<string, number>();
  for (const event of events.slice(0, count)) {
    if (event.kind !== 'sync') continue;
    // One that began earlier may end later.
    durable.set(event.file, Math.max(event.since, durable.get(event.file) ?? 0));
  }
  const files = new Map<string, Buffer>();
  events.slice(0, count).forEach((event, index) => {
    if (event.kind === 'sync' || event.kind === 'said') return;
    // That a file is gone stands in its folder.
    const place = event.kind === 'remove' ? dirname(event.file) : event.file;
    const isDurable = index < (durable.get(place) ?? 0);
    const fate = isDurable ? 1 : random();
    if (fate < 0.5) return;
    const torn = event.kind === 'write' && fate < 0.75;
    apply(files, torn ? { ...event, bytes: tear(event.bytes, random) } : event);
  });
  return files;
}

/** Disks write sectors whole. */
const SECTOR = 512;

function tear(bytes: Buffer, random: () => number): Buffer {
  const sectors = Math.floor((random() * bytes.length) / SECTOR);
  return bytes.subarray(0, sectors * SECTOR);
}

function apply(
  files: Map<string, Buffer>,
  event: Exclude<FileEvent, { readonly kind: 'sync' | 'said' }>,
): void {
  if (event.kind === 'remove') {
    files.delete(event.file);
    return;
  }
  const before = files.get(event.file) ?? Buffer.alloc(0);
  const size =
    event.kind === 'truncate' ? event.size : Math.max(before.length, event.at + event.bytes.length);
  const after = Buffer.alloc(size);
  before.copy(after);
  if (event.kind === 'write') event.bytes.copy(after, event.at);
  files.set(event.file, after);
}
