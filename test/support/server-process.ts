import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The command line from the sources as they are now, and beside it the modules of its threads. */
export interface CliBundle {
  readonly path: string;
  remove(): Promise<void>;
}

export async function bundleCli(): Promise<CliBundle> {
  const root = resolve('.');
  // Below node_modules, so that its imports are found; one per process, so that none writes another's.
  const cache = join(root, 'node_modules', '.cache', 'otel-evolution');
  const folder = join(cache, `cli-${process.pid}-${(bundles += 1)}`);
  await mkdir(folder, { recursive: true });
  await promisify(execFile)(join(root, 'node_modules', '.bin', 'esbuild'), [
    `cli=${join(root, 'src', 'cli', 'main.ts')}`,
    `intake-worker=${join(root, 'src', 'runtime', 'intake-worker.ts')}`,
    `learning-worker=${join(root, 'src', 'runtime', 'learning-worker.ts')}`,
    `--outdir=${folder}`,
    '--out-extension:.js=.mjs',
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--packages=external',
    '--log-level=warning',
  ]);
  return {
    path: join(folder, 'cli.mjs'),
    remove: () => rm(folder, { force: true, recursive: true }),
  };
}

let bundles = 0;

export interface ServerProcess {
  /** e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly pid: number;
  /** What it has said on stderr so far. */
  stderr(): string;
  /** Sends the signal and resolves with how the process ended. */
  stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<ProcessEnd>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcessOptions {
  readonly cli: string;
  readonly databaseUrl: string;
  /** @defaultValue a free one */
  readonly port?: number;
  readonly host?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Further options of `serve`. */
  readonly options?: readonly string[];
  /** Command in front of Node, e.g. a tracer. */
  readonly wrapper?: readonly string[];
}

/** Starts `otel-evolution serve` as a process of its own; resolves when it listens. */
export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const [command = '', ...args] = [
    ...(options.wrapper ?? []),
    process.execPath,
    options.cli,
    'serve',
    ...['--db', options.databaseUrl],
    ...['--host', options.host ?? '127.0.0.1'],
    ...['--port', String(options.port ?? 0)],
    ...(options.options ?? []),
  ];
  const child = spawn(command, args, {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const output = { text: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.text += text;
  });
  const ended = once(child, 'exit').then(([code, signal]): ProcessEnd => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  return {
    url: await listening(child, ended, output),
    pid: child.pid!,
    stderr: () => output.text,
    stop(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

async function listening(
  child: ChildProcess,
  ended: Promise<ProcessEnd>,
  output: { readonly text: string },
): Promise<string> {
  const announced = new Promise<string>((announce) => {
    child.stderr!.on('data', () => {
      const url = /OTLP\/HTTP on (\S+)\/v1\/traces/.exec(output.text)?.[1];
      if (url !== undefined) announce(url);
    });
  });
  const failed = ended.then(({ code, signal }) => {
    throw new Error(`serve ended with ${signal ?? code} before it listened:\n${output.text}`);
  });
  return Promise.race([announced, failed]);
}
