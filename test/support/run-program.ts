import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/index';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Sent when the program has printed `ready`. */
  readonly signal?: NodeJS.Signals;
}

/** Runs Node with these arguments to its end. */
export async function runNode(
  args: readonly string[],
  { cwd = newFolder(), env = {}, signal }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  let signalled = false;
  child.stderr.on('data', (text) => (stderr += text));
  child.stdout.on('data', (text) => {
    stdout += text;
    if (signal === undefined || signalled || !stdout.includes('ready')) return;
    signalled = true;
    child.kill(signal);
  });
  const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((done) =>
    child.on('close', (...end) => done(end)),
  );
  return { code, signal: by, stdout, stderr };
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'evolution-'));

export async function totalsOf(databaseUrl: string) {
  const store = await openStore(databaseUrl);
  try {
    return await store.getTotals();
  } finally {
    await store.close();
  }
}
